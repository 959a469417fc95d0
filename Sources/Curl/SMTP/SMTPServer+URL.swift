extension SMTPServer {
    /// Reads `smtp://[user:password@]host[:port]` or `smtps://…`; nil where the text is no such URL.
    ///
    /// - Parameters:
    ///   - url: Default port 587, 465 for `smtps`; characters with a meaning of their own are written `%40` in a login.
    ///   - startTLS: How `smtp` is protected; `smtps` has TLS whatever this says.
    public init?(url: String, startTLS: Security = .required) {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let isImplicit: Bool
        switch url[..<scheme.lowerBound] {
        case "smtp": isImplicit = false
        case "smtps": isImplicit = true
        default: return nil
        }
        var rest = url[scheme.upperBound...]
        if rest.last == "/" { rest = rest.dropLast() }
        var login: Login?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let user = Self.decoded(parts[0]),
                let password = Self.decoded(parts[1])
            else { return nil }
            login = Login(user: user, password: password)
            rest = rest[rest.index(after: at)...]
        }
        guard let (host, port) = Self.place(rest, default: isImplicit ? 465 : 587) else { return nil }
        self.init(host: host, port: port, security: isImplicit ? .implicit : startTLS, login: login)
    }

    private static func place(_ text: Substring, default standard: Int) -> (String, Int)? {
        var host = text
        var port = standard
        // The colons of an IPv6 address are inside brackets.
        let afterBracket = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[afterBracket...].lastIndex(of: ":") {
            guard let number = Int(text[text.index(after: colon)...]), (1...65_535).contains(number) else {
                return nil
            }
            host = text[..<colon]
            port = number
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        let inner = isBracketed ? host.dropFirst().dropLast() : host
        let isPlain = inner.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_": true
            case ":", "%": isBracketed
            // Letters of internationalised names; nothing that moves a cursor or turns a line around.
            default: !scalar.isASCII && isPartOfWord(scalar)
            }
        }
        // No name of the DNS is longer: RFC 1035, section 2.3.4.
        return (1...253).contains(inner.utf8.count) && isPlain ? (String(host), port) : nil
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .decimalNumber: true
        default: scalar.properties.isAlphabetic
        }
    }

    /// Text with `%40` and the like replaced; nil where it is malformed or hides a control character.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
