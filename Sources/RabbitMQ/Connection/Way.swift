/// What one attempt to connect needs and only a thread that may wait can get.
struct Way: Sendable {
    /// Every address of the host's name, in the resolver's order.
    let addresses: [SocketAddress]
    /// What the files say now; `nil` without TLS.
    let security: SecureMaterial?

    /// Asks the resolver, and reads the files anew, so that a renewed certificate counts.
    ///
    /// Blocks: on a thread of its own.
    /// - Throws: `unreachable` with the resolver's words, `insecure` where a file cannot be read.
    static func find(to endpoint: Endpoint, _ security: TransportSecurity) throws(RabbitMQError) -> Way {
        var material: SecureMaterial?
        if endpoint.usesTLS {
            do throws(TransportSecurity.Problem) {
                material = try security.read()
            } catch {
                throw SecurityFailure.brokenFile(error).error
            }
        }
        return Way(
            addresses: try SocketAddress.resolve(endpoint.host, port: endpoint.port),
            security: material
        )
    }
}
