import Curl
import FoundationEssentials
import RabbitMQNode
import SystemPackage
import TestSupport
import Testing

@Suite("Logins below orderctl up", .serialized, .brokerInstalled)
struct LoginTests {
    private struct Connection: Decodable {
        var user: String
        var name: String
        var user_provided_name: String?
    }

    private static let services = ["analytics", "inventory", "notification", "order-service"]

    @Test(
        "each program has its own login, which no list of processes shows; up declares again what is deleted, and an older directory goes on without guest"
    )
    func ownLogins() async throws {
        let directory = try TemporaryDirectory("order-system")
        try await OldDirectory.prepare(directory)
        try await OrderSystem.run(in: directory) { system in
            try await hasForgottenGuest(system)
            try await everybodyIsThemselves(system)
            try passwordsAreSecret(system)
            try await isDeclaredAgain(system)
            try await isTakenAway(system)
        }
    }

    private func hasForgottenGuest(_ system: OrderSystem) async throws {
        _ = try await system.up.line(containing: "Deleted the broker's user guest")
        let overview = HTTPRequest(
            "GET",
            try system.state().management + "/api/overview",
            login: ("guest", "guest")
        )
        #expect(try await system.http.send(overview).status == 401)
        try await eventually("the order of earlier days is taken from stock") {
            try await system.outcomes(of: "inventory")["done"] == 1
        }
    }

    private func everybodyIsThemselves(_ system: OrderSystem) async throws {
        try await eventually("two connections of each service, and more of the order service") {
            let connections = try await connections(system)
            for connection in connections where connection.user != "operator" {
                let name = connection.user_provided_name ?? ""
                guard name.hasPrefix(connection.user) else {
                    throw NotInTime(description: "\(name) is logged in as \(connection.user)")
                }
            }
            let users = Dictionary(grouping: connections, by: \.user).mapValues(\.count)
            return Self.services.allSatisfy { (users[$0] ?? 0) >= 2 }
        }
        let url = try await system.orderctl("broker", "url", "inventory")
        #expect(url.output.hasPrefix("amqp://inventory:"), "\(url.error)")
        #expect(try await system.orderctl("broker", "url").output == system.state().rabbitmq)
        #expect(try await system.orderctl("broker", "url", "nobody").exit == .code(1))
    }

    private func passwordsAreSecret(_ system: OrderSystem) throws {
        func bytes(_ path: String) -> Data { FileManager.default.contents(atPath: path) ?? Data() }
        let logins = try JSONDecoder()
            .decode(
                [String: String].self,
                from: bytes(system.directory.text(of: "logins.json"))
            )
        #expect(Set(logins.keys).isSuperset(of: Self.services + ["operator", "loyalty"]))
        for file in ["logins.json", "rabbitmq/definitions.json", "up.json"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: system.directory.text(of: file))
            #expect(attributes[.posixPermissions] as? UInt16 == 0o600, "\(file)")
        }
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc")
            .filter { Int($0) != nil }.map { bytes("/proc/\($0)/cmdline") }
        #expect(processes.contains { $0.firstRange(of: Data("inventory-worker".utf8)) != nil })
        let folder = system.directory.text(of: "rabbitmq/log")
        let logs = try FileManager.default.contentsOfDirectory(atPath: folder)
            .map { bytes("\(folder)/\($0)") }
        let definitions = bytes(system.directory.text(of: "rabbitmq/definitions.json"))
        for (user, password) in logins {
            for place in processes + logs + [definitions] {
                #expect(place.firstRange(of: Data(password.utf8)) == nil, "\(user)")
            }
            // The operator's stands beside the management UI's address.
            let said = system.up.lines.filter { $0.contains(password) }
            #expect(said.count == (user == "operator" ? 1 : 0), "\(user)")
        }
    }

    private func isDeclaredAgain(_ system: OrderSystem) async throws {
        for path in ["exchanges/%2F/orders.events", "queues/%2F/analytics", "queues/%2F/inventory.retry.5s"] {
            #expect(try await system.management("DELETE", path).status == 204, "\(path)")
        }
        try await eventually("up says what it declared again; it said:\n\(system.up.transcript)") {
            let said = system.up.lines.filter { $0.hasPrefix("Declared again: ") }.joined()
            return ["exchange orders.events", "queue analytics", "queue inventory.retry.5s"]
                .allSatisfy(said.contains)
        }
        let order = #"{"user_id":1,"product_id":1,"quantity":1,"price":5}"#
        #expect(try await system.place(order).status == 201)
        try await eventually(within: .seconds(60), "everybody has the order") {
            let inventory = try await system.outcomes(of: "inventory")["done"]
            let analytics = try await system.outcomes(of: "analytics")["done"]
            return inventory == 2 && analytics == 1
        }
        let path = "bindings/%2F/e/orders.events/q/notification/~"
        #expect(try await system.management("DELETE", path).status == 204)
        _ = try await system.up.line(containing: "Declared again: binding of notification to orders.events.")
        let check = try await system.orderctl("topology", "check")
        #expect(check.exit == .code(0), "\(check.output)")
    }

    /// A right that is taken away is said by the worker, and nothing is lost until it is given back.
    private func isTakenAway(_ system: OrderSystem) async throws {
        let admin = try #require(
            try system.state().processes.first { $0.name == "inventory-worker-1" }?.admin
        )
        func health() async throws -> HTTPResponse {
            try await system.http.send(HTTPRequest("GET", "\(admin)/health/ready"))
        }
        func permit(_ read: String) async throws {
            let body =
                #"{"configure":"^$","write":"^(inventory.failures|orders.(outcomes|events))$","read":"\#(read)"}"#
            #expect(try await system.management("PUT", "permissions/%2F/inventory", body).status == 204)
        }
        try await permit("^$")
        for connection in try await connections(system) where connection.user == "inventory" {
            let name = connection.name.replacing(" ", with: "%20").replacing(">", with: "%3E")
            #expect(try await system.management("DELETE", "connections/\(name)").status == 204)
        }
        try await eventually("the worker says what it lacks; up said:\n\(system.up.transcript)") {
            try await health().text.contains("the login needs read on inventory")
        }
        let order = #"{"user_id":1,"product_id":1,"quantity":1,"price":5}"#
        #expect(try await system.place(order).status == 201)
        try await permit("^inventory$")
        try await eventually("the worker is ready again, and has the order") {
            guard try await health().status == 200 else { return false }
            return try await system.outcomes(of: "inventory")["done"] == 3
        }
    }

    private func connections(_ system: OrderSystem) async throws -> [Connection] {
        try await decode([Connection].self, system.management("GET", "connections").text)
    }
}

/// The state that an earlier version of `up` left: one user, `guest`, whom everything was done as.
private enum OldDirectory {
    /// As it shipped then, with a password like the name.
    ///
    /// The operator is there for the node's own readiness.
    private static let definitions = """
        {"vhosts":[{"name":"/"}],"users":[{"name":"guest","tags":["administrator"],"limits":{},
        "password_hash":"T3JkRb01tz6+WcAeZmjo9BJxLZmVD8NCHPDLpLhAxOpN2OR5",
        "hashing_algorithm":"rabbit_password_hashing_sha256"},{"name":"operator","tags":[],"limits":{}}],
        "permissions":[{"user":"guest","vhost":"/","configure":".*","write":".*","read":".*"}]}
        """

    /// Leaves a queue with an order in it.
    static func prepare(_ directory: TemporaryDirectory) async throws {
        let configuration = try TemporaryDirectory("old-configuration")
        for name in ["rabbitmq.conf", "enabled_plugins"] {
            try FileManager.default.copyItem(
                atPath: "\(PackageLayout.configuration)/rabbitmq/\(name)",
                toPath: configuration.text(of: name)
            )
        }
        try Data(definitions.utf8).write(to: URL(filePath: configuration.text(of: "definitions.json")))
        let node =
            try await BrokerNode.start(
                in: directory.path.appending("rabbitmq"),
                configuration: configuration.path
            )
            .node
        let settings = node.settings
        do {
            let url = "amqp://guest:guest@127.0.0.1:\(settings.ports.amqp)"
            let applied = try await ProgramUnderTest.run(
                "orderctl",
                ["topology", "apply", "inventory"],
                environment: ["RABBITMQ_URL": url, "UP_DIRECTORY": "/nonexistent"]
            )
            #expect(applied.exit == .code(0), "\(applied.error)")
            try await place(settings)
        } catch {
            await node.kill()
            throw error
        }
        await node.stop()
    }

    private static func place(_ settings: NodeSettings) async throws {
        let order =
            #"{\"id\":\"old\",\"user_id\":1,\"product_id\":1,\"quantity\":1,\"price\":5,\"total\":5,"#
            + #"\"currency\":\"USD\",\"created_at\":\"2026-01-02T03:04:05.678Z\"}"#
        let message = """
            {"routing_key":"inventory","payload_encoding":"string","payload":"\(order)","properties":\
            {"delivery_mode":2,"message_id":"old","type":"order.created","content_type":"application/json"}}
            """
        let request = HTTPRequest(
            "POST",
            "\(settings.managementURL)/api/exchanges/%2F/amq.default/publish",
            headers: [("Content-Type", "application/json")],
            body: Array(message.utf8),
            login: ("guest", "guest")
        )
        #expect(try await HTTPClient().send(request).text == #"{"routed":true}"#)
    }
}
