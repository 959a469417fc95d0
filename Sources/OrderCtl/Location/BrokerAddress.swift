import RabbitMQ

/// What follows from a broker's address.
enum BrokerAddress {
    /// The management API's usual address on the same host.
    static func management(of url: String) throws(CommandError) -> String {
        do {
            return management(of: try Endpoint.parseList(url)[0])
        } catch {
            throw .settings("RABBITMQ_URL \(error.description).")
        }
    }

    /// The management API's usual address on the same host.
    static func management(of endpoint: Endpoint) -> String {
        let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
        // A password that travels to the broker over TLS does not travel to its management API in the open.
        return endpoint.usesTLS ? "https://\(host):15671" : "http://\(host):15672"
    }
}
