import Curl
import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

/// Order service and notification worker with a conspicuous secret wherever one can be set, on a virtual host of their own.
final class SecretsRig: Sendable {
    /// In every secret, and nowhere else.
    static let mark = "c0nspicuous"
    /// What clients present to the order service.
    static let key = "key-\(mark)-7d3f1e0b5a"

    let directory: TemporaryDirectory
    private let broker: BrokerNode
    private let name: String
    private let http = HTTPClient(connections: 4)

    private init() throws {
        broker = try BrokerNode.current()
        directory = try TemporaryDirectory("secrets")
        name = "secrets-\(UInt32.random(in: 0...UInt32.max))"
    }

    /// Prepares a virtual host with a login, hands it to the body, and always removes both.
    static func run(_ body: (SecretsRig) async throws -> Void) async throws {
        let rig = try SecretsRig()
        #expect(try await rig.management("PUT", "vhosts/\(rig.name)").status == 201)
        try await rig.setPassword("broker-\(mark)")
        let all = #"{"configure": ".*", "write": ".*", "read": ".*"}"#
        #expect(try await rig.management("PUT", "permissions/\(rig.name)/\(rig.name)", all).status == 201)
        do {
            try await body(rig)
            try await rig.remove()
        } catch {
            try await rig.remove()
            throw error
        }
    }

    private func remove() async throws {
        _ = try await management("DELETE", "vhosts/\(name)")
        _ = try await management("DELETE", "users/\(name)")
    }

    /// Settings of both programs, and of `orderctl` beside them.
    ///
    /// - Parameters:
    ///   - transport: How the worker sends messages; nobody takes them.
    ///   - entry: What the order service knows of the key.
    /// - Returns: Environment variables; without a database, which each has of its own.
    /// - Throws: Where the broker's address has no port.
    func environment(transport: String, entry: String) throws -> [String: String] {
        let port = try #require(broker.url.firstMatch(of: /:([0-9]+)\/?$/)).1
        return [
            "RABBITMQ_URL": "amqp://\(name):broker-\(Self.mark)@127.0.0.1:\(port)/\(name)",
            "HTTP_PORT": "0", "HTTP_KEYS": entry, "ORDER_SERVICE_KEY": Self.key,
            "LOG_LEVEL": "trace", "LOG_FORMAT": "json", "RETRY_DELAYS": "200ms",
            "NOTIFICATION_TRANSPORT": transport, "NOTIFICATION_FROM": "shop@x.example",
            "BREAKER_FAILURES": "1", "WORKER_DRAIN": "1s",
            "SMTP_URL": "smtps://127.0.0.1:1", "SMTP_USER": "shop", "SMTP_PASSWORD": "smtp-\(Self.mark)",
            "WEBHOOK_URL": "http://127.0.0.1:1/send?token=url-\(Self.mark)",
            "WEBHOOK_SECRET": "webhook-\(Self.mark)",
            "UP_DIRECTORY": directory.text(of: "nothing"),
        ]
    }

    /// Gives the login another password and ends its connections, so that both programs are refused from now on.
    func changePassword() async throws {
        try await setPassword("another")
        _ = try await broker.node.rabbitmqctl(["close_all_connections", "-p", name, "closed by the test"])
    }

    private func setPassword(_ password: String) async throws {
        let user = #"{"password": "\#(password)", "tags": ""}"#
        let status = try await management("PUT", "users/\(name)", user).status
        #expect([201, 204].contains(status))
    }

    /// Asks a program for something.
    func send(
        _ method: String,
        _ url: String,
        key: String? = nil,
        body: String? = nil
    ) async throws -> HTTPResponse {
        let headers: [HTTPRequest.Header] =
            [("Content-Type", "application/json")] + (key.map { [("Authorization", "Bearer \($0)")] } ?? [])
        return try await http.send(
            HTTPRequest(method, url, headers: headers, body: body.map { Array($0.utf8) })
        )
    }

    private func management(
        _ method: String,
        _ path: String,
        _ body: String? = nil
    ) async throws -> HTTPResponse {
        try await http.send(
            HTTPRequest(
                method,
                "\(broker.managementURL)/api/\(path)",
                headers: [("Content-Type", "application/json")],
                body: body.map { Array($0.utf8) },
                login: broker.login
            )
        )
    }
}
