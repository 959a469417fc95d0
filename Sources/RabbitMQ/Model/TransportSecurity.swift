/// How TLS to the broker is set up: whom to trust, and who we are.
///
/// For endpoints with `amqps`; there is no way to leave the broker unverified. The files are read again for each
/// attempt to connect, so a renewed certificate needs no restart.
public struct TransportSecurity: Hashable, Sendable {
    /// One of the three files.
    public enum File: Hashable, Sendable {
        /// The authorities that may have issued the broker's certificate.
        case authorities
        /// Our own certificate.
        case certificate
        /// Its private key.
        case key
    }

    /// Why a file cannot be used, or should not be as it is.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// Which file.
        public let file: File
        /// What is wrong with it, as the end of a sentence about it; no content of the file.
        public let rule: String

        init(_ file: File, _ rule: String) {
            self.file = file
            self.rule = rule
        }

        /// The setting and its rule.
        public var description: String { "\(file.key) \(rule)" }
    }

    /// PEM file of the authorities; `nil`, the default, trusts those of the system.
    public var authorities: String?
    /// PEM file of our certificate, then of what stands between it and its authority; default none.
    public var certificate: String?
    /// PEM file of the certificate's key, without a passphrase; a secret file, needed with a certificate.
    public var key: String?

    /// Names the files; nothing is read yet.
    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}

extension TransportSecurity.File {
    /// The setting that names the file.
    public var key: String {
        switch self {
        case .authorities: "rabbitmq.ca"
        case .certificate: "rabbitmq.certificate"
        case .key: "rabbitmq.key"
        }
    }
}
