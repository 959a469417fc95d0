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
        return "http://\(host):15672"
    }
}
