import Database
import FoundationEssentials
import Logging
import RabbitMQ
import TestSupport

extension FaultRig {
    /// Runs a query on a service's own database, beside the service.
    func rows<Value: Sendable>(
        of service: String,
        _ sql: String,
        _ read: @escaping @Sendable (Row) throws -> Value
    ) async throws -> [Value] {
        let path = directory.text(of: "\(service).db")
        let database = try Database.open(.sqlite(path: path), migrations: [])
        defer { database.close() }
        return try await database.read { try $0.query(sql).map(read) }
    }

    private func count(of service: String, _ sql: String) async throws -> Int {
        try await rows(of: service, "SELECT count(*) AS n FROM \(sql)") { Int(try $0.integer("n")) }.first
            ?? 0
    }

    /// Waits until every order has its effects and no queue holds anything.
    ///
    /// - Parameters:
    ///   - expectedDead: Orders that end as dead letters of inventory instead.
    ///   - deadline: When to give up.
    /// - Throws: ``NotInTime`` with what was there instead.
    func settles(expectedDead: Int = 0, within deadline: Duration = .seconds(120)) async throws {
        let orders = try await count(of: "order-service", "orders")
        let wanted = [orders, orders, orders, 0]
        var seen: [Int] = []
        try await eventually(
            within: deadline,
            every: .milliseconds(200),
            "inventory, analytics, notification, outbox hold \(wanted); they held \(seen)"
        ) {
            try await endAbandonedLeases()
            seen = try await standing(expectedDead)
            return seen == wanted
        }
        try await queuesEmpty()
    }

    private func standing(_ expectedDead: Int) async throws -> [Int] {
        [
            try await count(of: "inventory", "handled_events") + expectedDead,
            try await count(of: "analytics", "counted_events"),
            try await count(of: "notification", "notifications WHERE state = 'sent'"),
            try await count(of: "order-service", "outbox"),
        ]
    }

    /// Changes a service's own database behind its back.
    func change(_ service: String, _ sql: String, _ arguments: [SQLValue] = []) async throws {
        let path = directory.text(of: "\(service).db")
        let database = try Database.open(.sqlite(path: path), migrations: [])
        defer { database.close() }
        _ = try await database.write { try $0.execute(sql, arguments) }
    }

    /// A sender that was killed holds its claim for a minute; nobody else is sending for so long in a test.
    private func endAbandonedLeases() async throws {
        let limit = Int64(Date.now.timeIntervalSince1970 * 1000) - 8_000
        try await change(
            "notification",
            "UPDATE notifications SET changed_at = 0 WHERE state = 'sending' AND changed_at < $1",
            [.integer(limit)]
        )
    }

    private func queuesEmpty() async throws {
        let tiers = Self.retries.split(separator: ",")
        let names = Self.services.flatMap { service in [service] + tiers.map { "\(service).retry.\($0)" } }
        try await inspecting { inspector in
            try await eventually(within: .seconds(60), "no queue holds a message") {
                for name in names {
                    guard let queue = try await inspector.queue(name, within: .seconds(10)) else { continue }
                    guard queue.messages == 0 else { return false }
                }
                return true
            }
        }
    }

    /// The ids of what is in a service's dead letters; they stay there.
    func deadLetters(of service: String) async throws -> [String] {
        try await inspecting { inspector in
            var ids: [String] = []
            while let delivery = try await inspector.get(from: "\(service).dead", within: .seconds(20)) {
                ids.append(delivery.properties.messageID ?? "no id")
            }
            return ids
        }
    }

    private func inspecting<Result: Sendable>(
        _ body: (Operator) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "faults")
        logger.logLevel = .critical
        // Past the wire, as the operator.
        let path = "permissions/\(host)/\(brokers[0].login.user)"
        try await manage("PUT", path, #"{"configure":".*","write":".*","read":".*"}"#)
        let settings = BrokerSettings(
            endpoints: try Endpoint.parseList(
                brokers.map { "\($0.url)/\(host)" }.joined(separator: ",")
            ),
            heartbeat: .seconds(10),
            connectionName: "faults"
        )
        let inspector = Operator(settings: settings, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await inspector.run() }
            defer { group.cancelAll() }
            return try await body(inspector)
        }
    }
}
