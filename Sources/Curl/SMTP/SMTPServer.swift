/// A mail server and how to talk to it.
public struct SMTPServer: Hashable, Sendable {
    /// How the connection is protected.
    public enum Security: Hashable, Sendable {
        /// TLS from the first byte on, as port 465 has it.
        case implicit
        /// STARTTLS; a server that does not offer it gets no mail.
        case required
        /// STARTTLS where the server offers it, in the open otherwise: whoever stands between can take it away.
        case opportunistic
        /// In the open.
        case none
    }

    /// User and password; never part of a description.
    public struct Login: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        /// Who.
        public let user: String
        /// A secret.
        public let password: String

        /// Creates a login.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }

        /// Nothing that anybody may not read.
        public var description: String { "a login" }
        /// Nothing that anybody may not read.
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    /// A name or an address; an IPv6 address in brackets.
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// How the connection is protected.
    public var security: Security
    /// How to sign in; nil does not.
    public var login: Login?
    /// A file of certificates in PEM whose authorities are trusted; nil trusts those of the system.
    public var authorities: String?
    /// Longest wait for a connection, TLS and sign-in included.
    public var connectTimeout: Duration

    /// Describes a server; certificates are always verified.
    public init(
        host: String,
        port: Int,
        security: Security = .required,
        login: Login? = nil,
        authorities: String? = nil,
        connectTimeout: Duration = .seconds(10)
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.login = login
        self.authorities = authorities
        self.connectTimeout = connectTimeout
    }

    /// `smtp://host:port`, without a login.
    public var url: String {
        "\(security == .implicit ? "smtps" : "smtp")://\(host):\(port)"
    }
}
