/// Where a broker listens and how to log in.
///
/// Its description never shows the password.
/// Source: RabbitMQ URI specification.
public struct Endpoint: Hashable, Sendable {
    /// How a login proves who it is.
    public enum Mechanism: String, Hashable, Sendable {
        /// With user and password.
        case plain = "PLAIN"
        /// With the client certificate that TLS has shown; the broker needs `rabbitmq_auth_mechanism_ssl`.
        case external = "EXTERNAL"
    }

    /// Host name or address; IPv6 without brackets.
    public var host: String
    /// TCP port, 1 to 65535.
    public var port: UInt16
    /// SASL PLAIN user.
    public var user: String
    /// SASL PLAIN password; a secret.
    public var password: String
    /// Virtual host, `/` by default.
    public var virtualHost: String
    /// Whether the scheme is `amqps`.
    public var usesTLS: Bool
    /// How to log in; `nil` is EXTERNAL over TLS where there is a client certificate, PLAIN otherwise.
    public var mechanism: Mechanism?

    /// Creates an endpoint.
    ///
    /// - Parameters:
    ///   - host: Name or address; IPv6 without brackets.
    ///   - port: TCP port, 1 to 65535.
    ///   - user: SASL PLAIN user.
    ///   - password: SASL PLAIN password; `nil` is `guest`, and leaves EXTERNAL open.
    ///   - virtualHost: As the broker names it.
    ///   - usesTLS: Whether the scheme is `amqps`.
    ///   - mechanism: `nil` is PLAIN where a password is given, else left open.
    public init(
        host: String,
        port: UInt16,
        user: String = "guest",
        password: String? = nil,
        virtualHost: String = "/",
        usesTLS: Bool = false,
        mechanism: Mechanism? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password ?? "guest"
        self.virtualHost = virtualHost
        self.usesTLS = usesTLS
        self.mechanism = mechanism ?? (password == nil ? nil : .plain)
    }

    /// The mechanism of a login, where a client certificate can be shown or not.
    func mechanism(hasCertificate: Bool) -> Mechanism {
        mechanism ?? (usesTLS && hasCertificate ? .external : .plain)
    }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible {
    /// Scheme, host, port and virtual host; safe to show.
    public var description: String {
        let address = host.contains(":") ? "[\(host)]" : host
        let path = virtualHost == "/" ? "" : virtualHost
        return "\(usesTLS ? "amqps" : "amqp")://\(address):\(port)/\(path)"
    }
    /// The same, so that a dump shows no password either.
    public var debugDescription: String { description }
}

/// Why a broker URL cannot be used.
///
/// Never holds the URL, which may contain a password.
public struct EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule that was broken; safe to show.
    public let description: String
}
