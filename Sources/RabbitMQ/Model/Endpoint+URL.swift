extension Endpoint {
    /// Reads several URLs, separated by commas.
    /// - Throws: ``EndpointError`` naming the position of the first bad one.
    public static func parseList(_ text: String) throws(EndpointError) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            do {
                endpoints.append(try Endpoint(url: String(part).trimmingBlanks))
            } catch {
                guard parts.count > 1 else { throw error }
                throw EndpointError(description: "URL \(index + 1): \(error)")
            }
        }
        return endpoints
    }

    /// Reads `amqp[s]://user:password@host:port/vhost`; every part but the host may be absent.
    ///
    /// User, password and virtual host are percent-decoded. A missing path means virtual host `/`; a path of `/`
    /// alone means `/` too, as operators expect, although the URI specification reads it as the empty name. One query
    /// parameter is known: `auth_mechanism`, `plain` or `external`.
    public init(url: String) throws(EndpointError) {
        guard let schemeEnd = url.firstRange(of: "://") else {
            throw EndpointError(description: "must start with amqp:// or amqps://")
        }
        switch url[..<schemeEnd.lowerBound].lowercased() {
        case "amqp": usesTLS = false
        case "amqps": usesTLS = true
        default: throw EndpointError(description: "must start with amqp:// or amqps://")
        }
        var rest = url[schemeEnd.upperBound...]
        mechanism = try Self.mechanism(takenFrom: &rest, usesTLS: usesTLS)
        let path = rest.firstIndex(of: "/").map { rest[rest.index(after: $0)...] } ?? ""
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
        virtualHost = path.isEmpty ? "/" : try Self.decoded(path, part: "virtual host")

        user = "guest"
        password = "guest"
        if let at = rest.lastIndex(of: "@") {
            let login = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(login.first ?? "", part: "user")
            password = login.count > 1 ? try Self.decoded(login[1], part: "password") : ""
            if login.count > 1, mechanism == nil { mechanism = .plain }
            rest = rest[rest.index(after: at)...]
        }
        (host, port) = try Self.address(rest, defaultPort: usesTLS ? 5671 : 5672)
    }

    /// Reads the query, and leaves what stands before it.
    private static func mechanism(
        takenFrom rest: inout Substring,
        usesTLS: Bool
    ) throws(EndpointError) -> Mechanism? {
        // One before the last @ is part of a password; it is not repeated, whatever it holds.
        let end = rest.lastIndex(of: "@") ?? rest.startIndex
        guard !rest[..<end].contains("?"), !rest.contains("#") else {
            throw EndpointError(description: "percent-encode ? and # in user and password")
        }
        guard let mark = rest.firstIndex(of: "?") else { return nil }
        let query = rest[rest.index(after: mark)...]
        rest = rest[..<mark]
        switch query.lowercased() {
        case "auth_mechanism=plain": return .plain
        case "auth_mechanism=external":
            guard usesTLS else { throw EndpointError(description: "auth_mechanism=external needs amqps://") }
            return .external
        default:
            throw EndpointError(
                description: "knows no query parameter but auth_mechanism=plain or auth_mechanism=external"
            )
        }
    }

    private static func address(
        _ text: Substring,
        defaultPort: UInt16
    ) throws(EndpointError) -> (String, UInt16) {
        var host = text
        var portText: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            if after.hasPrefix(":") { portText = after.dropFirst() } else if !after.isEmpty { host = "" }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw EndpointError(description: "has no host") }
        // No name of the DNS is longer: RFC 1035, section 2.3.4.
        guard host.utf8.count <= 253 else { throw EndpointError(description: "has a host of over 253 bytes") }
        guard let portText else { return (String(host), defaultPort) }
        guard let port = UInt16(portText), port > 0 else {
            throw EndpointError(description: "port must be a number from 1 to 65535")
        }
        return (String(host), port)
    }

    private static func decoded(_ text: Substring, part: String) throws(EndpointError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                throw EndpointError(description: "\(part): % must be followed by two hexadecimal digits")
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw EndpointError(description: "\(part) is not UTF-8")
        }
        return decoded
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
