/// Requests to place orders, written once before the load begins.
struct OrderRequests: Sendable {
    /// Where a request goes.
    struct Address: Equatable, Sendable {
        var host: String
        var port: UInt16
        /// Before `/orders`; empty for most.
        var prefix: String

        /// Reads `http://host:port/prefix`, which the settings have found to begin so.
        ///
        /// - Returns: Nil where it is none, or `https`.
        init?(_ url: String) {
            let pattern = /http:\/\/(\[[0-9a-fA-F:.]+\]|[^:\/\[\]@]+)(?::([0-9]{1,5}))?(\/[!-~]*)?/
            guard let match = url.wholeMatch(of: pattern), let port = UInt16(match.2 ?? "80") else {
                return nil
            }
            host = String(match.1)
            self.port = port
            prefix = String(match.3 ?? "")
        }

        /// As the resolver wants it.
        var name: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }
    }

    /// Whole requests: head and body.
    let whole: [[UInt8]]
    /// Their bodies alone.
    let bodies: [[UInt8]]

    /// How many differ; they come in turn.
    static let variety = 256

    /// Writes them.
    ///
    /// - Parameters:
    ///   - address: Named in the requests; nil writes the bodies alone.
    ///   - key: Presented to the order service; a secret.
    ///   - product: What is ordered, one piece each.
    init(to address: Address?, key: String?, product: Int) {
        bodies = (0..<Self.variety)
            .map { number in
                let price = "\(1 + number % 9).25"
                return Array(
                    #"{"user_id":\#(1 + number * 37),"product_id":\#(product),"quantity":1,"price":\#(price)}"#
                        .utf8
                )
            }
        guard let address else {
            whole = []
            return
        }
        let port = address.port == 80 ? "" : ":\(address.port)"
        let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        whole = bodies.map { body in
            Array(
                ("POST \(address.prefix)/orders HTTP/1.1\r\nHost: \(address.host)\(port)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\(authorization)\r\n")
                    .utf8
            ) + body
        }
    }
}
