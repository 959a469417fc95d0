import Foundation
import RabbitMQ
import RabbitMQNode
import SystemPackage
import TestSupport
import Testing

/// A private node with a TLS listener, and the authority that everybody of the test trusts.
struct SecureBroker: Sendable {
    @TaskLocal static var inScope: SecureBroker?

    let broker: BrokerNode
    let authority: CertificateAuthority
    /// Where `amqps` is spoken; a client certificate is welcome there, not demanded.
    let port: UInt16
    /// Where the same node speaks TLS and demands a client certificate.
    let strictPort: UInt16
    /// The node's own.
    let server: CertificateAuthority.Issued
    /// Of a user without a password, whose name is its common name.
    let client: CertificateAuthority.Issued

    /// What the node reads again at each start.
    private let configuration: TemporaryDirectory

    static let user = "certified"

    static func current() throws -> SecureBroker {
        guard let inScope else { throw NotInTime(description: "the suite needs the trait .secureBroker") }
        return inScope
    }

    static func start() async throws -> SecureBroker {
        let authority = try await CertificateAuthority()
        let server = try await authority.issue("broker")
        let client = try await authority.issue(user, for: [])
        let (port, strictPort) = (try FreePort.reserve(), try FreePort.reserve())
        let configuration = try TemporaryDirectory("secure-broker")
        let shipped = PackageLayout.configuration.appending("rabbitmq")
        func write(_ name: String, _ change: (String) -> String) throws {
            let text = try String(contentsOfFile: shipped.appending(name).string, encoding: .utf8)
            try Data(change(text).utf8).write(to: URL(filePath: configuration.text(of: name)))
        }
        try write("rabbitmq.conf") { $0 + listeners(authority.file, server, port, strictPort) }
        try write("enabled_plugins") { $0.replacing("].", with: ",rabbitmq_auth_mechanism_ssl].") }
        try write("definitions.json") { text in
            let account = #"{ "name": "\#(user)", "password_hash": "", "tags": [], "limits": {} },"#
            let permission =
                #"{ "user": "\#(user)", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" },"#
            return text.replacing(#""users": ["#, with: #""users": [\#(account)"#)
                .replacing(#""permissions": ["#, with: #""permissions": [\#(permission)"#)
        }
        return SecureBroker(
            broker: try await BrokerNode.start(configuration: configuration.path),
            authority: authority,
            port: port,
            strictPort: strictPort,
            server: server,
            client: client,
            configuration: configuration
        )
    }

    private static func listeners(
        _ authorities: String,
        _ server: CertificateAuthority.Issued,
        _ port: UInt16,
        _ strictPort: UInt16
    ) -> String {
        let files = { (prefix: String) in
            """
            \(prefix).cacertfile = \(authorities)
            \(prefix).certfile = \(server.certificate)
            \(prefix).keyfile = \(server.key)
            \(prefix).verify = verify_peer

            """
        }
        return """

            listeners.ssl.default = 127.0.0.1:\(port)
            \(files("ssl_options"))ssl_options.fail_if_no_peer_cert = false
            management.ssl.ip = 127.0.0.1
            management.ssl.port = \(strictPort)
            \(files("management.ssl"))management.ssl.fail_if_no_peer_cert = true
            auth_mechanisms.1 = PLAIN
            auth_mechanisms.2 = EXTERNAL
            ssl_cert_login_from = common_name

            """
    }

    /// Settings for the node's TLS port.
    ///
    /// - Parameters:
    ///   - login: What stands before the host in the URL; the operator's when absent.
    ///   - port: Another way to it.
    ///   - isKnown: Whether the client shows its certificate.
    ///   - heartbeat: A short one notices a silent broker while a test waits.
    /// - Returns: The settings.
    /// - Throws: `EndpointError` for a login that is none.
    func settings(
        _ login: String? = nil,
        port: UInt16? = nil,
        isKnown: Bool = false,
        heartbeat: Duration = .seconds(10)
    ) throws -> BrokerSettings {
        let login = login ?? "\(broker.login.user):\(broker.login.password)@"
        return BrokerSettings(
            endpoints: try Endpoint.parseList("amqps://\(login)localhost:\(port ?? self.port)"),
            heartbeat: heartbeat,
            security: TransportSecurity(
                authorities: authority.file,
                certificate: isKnown ? client.certificate : nil,
                key: isKnown ? client.key : nil
            ),
            connectionName: "secure-tests"
        )
    }
}

/// Gives a suite a node of its own that speaks TLS; combine with `.brokerInstalled` and `.serialized`.
struct SecureBrokerTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let secure = try await SecureBroker.start()
        do {
            try await SecureBroker.$inScope.withValue(secure) { try await function() }
        } catch {
            await secure.broker.stop()
            throw error
        }
        await secure.broker.stop()
    }
}

extension Trait where Self == SecureBrokerTrait {
    static var secureBroker: SecureBrokerTrait { SecureBrokerTrait() }
}
