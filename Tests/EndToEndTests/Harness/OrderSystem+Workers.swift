import Curl
import Database
import FoundationEssentials
import OrderEvents
import SystemPackage
import TestSupport

extension OrderSystem {
    /// What the workers of a service counted since each of them started, summed, by outcome.
    func outcomes(of service: String) async throws -> [String: Int] {
        let admins = try state().processes.filter { $0.name.hasPrefix("\(service)-worker-") }
            .compactMap(\.admin)
        var sums: [String: Int] = [:]
        for admin in admins { sums.merge(try await outcomes(at: admin)) { $0 + $1 } }
        return sums
    }

    /// What the worker at an admin address counted since it started, by outcome.
    func outcomes(at admin: String) async throws -> [String: Int] {
        let answer = try await http.send(HTTPRequest("GET", "\(admin)/metrics"))
        guard answer.status == 200 else { throw NotInTime(description: "no metrics: \(answer.text)") }
        let pattern = /worker_events_total\{outcome="([a-z_]+)",service="[a-z-]+"\} ([0-9]+)/
        return answer.text.matches(of: pattern)
            .reduce(into: [:]) { $0[String($1.1)] = Int($1.2) ?? 0 }
    }

    /// Opens the database of one of the system's services beside the service itself.
    func database(of service: String) throws -> Database {
        try Database.open(.sqlite(path: directory.text(of: "\(service).db")), migrations: [])
    }

    /// Runs statements on the database of a service, as somebody with a shell would.
    func change(_ service: String, _ sql: String...) async throws {
        let database = try database(of: service)
        defer { database.close() }
        for statement in sql { try await database.write { _ = try $0.execute(statement) } }
    }

    /// Waits until no queue holds a message, and none is being handled.
    func settled(within deadline: Duration = .seconds(60)) async throws {
        struct Queue: Decodable {
            var name: String
            var messages: Int?
        }
        try await eventually(within: deadline, "all queues but the dead letters are empty") {
            let queues = try await decode([Queue].self, management("GET", "queues/%2F").text)
                .filter { !$0.name.hasSuffix(".dead") }
            return !queues.isEmpty && queues.allSatisfy { $0.messages == 0 }
        }
    }

    /// Publishes an event once more to everybody, as it was published before.
    func publishAgain(_ order: RecordedOrder) async throws {
        struct Message: Encodable {
            struct Properties: Encodable {
                var message_id: String
                var type = "order.created"
                var content_type = "application/json"
                var delivery_mode = 2
                var correlation_id: String
            }
            var properties: Properties
            var routing_key = "order.created"
            var payload: String
            var payload_encoding = "string"
        }
        let message = Message(
            properties: .init(message_id: order.eventID, correlation_id: order.facts.id),
            payload: String(decoding: order.facts.json(), as: UTF8.self)
        )
        let body = String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
        let answer = try await management("POST", "exchanges/%2F/orders.events/publish", body)
        guard answer.text.contains(#""routed":true"#) else {
            throw NotInTime(description: "not published again: \(answer.text)")
        }
    }
}
