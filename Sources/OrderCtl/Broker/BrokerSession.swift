import Logging
import RabbitMQ

/// A broker connection for the time of one command.
enum BrokerSession {
    /// Runs the body with a connected operator.
    ///
    /// What the body settled has been sent when this returns.
    /// - Throws: ``CommandError`` when no broker answers within 10 s or it refuses who we are, or what the body throws.
    static func withOperator<Result: Sendable>(
        _ settings: BrokerSettings,
        _ body: (Operator) async throws -> Result
    ) async throws -> Result {
        let broker = Operator(settings: settings, logger: silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            let outcome: Swift.Result<Result, any Error>
            do {
                try await waitUntilOpen(settings) { broker.status }
                outcome = .success(try await body(broker))
            } catch {
                outcome = .failure(error)
            }
            broker.stop()
            try await group.waitForAll()
            return try outcome.get()
        }
    }

    /// Runs the body with a connected publisher.
    static func withPublisher<Result: Sendable>(
        _ settings: BrokerSettings,
        _ body: (Publisher) async throws -> Result
    ) async throws -> Result {
        let publisher = Publisher(settings: settings, topology: Topology(), logger: silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            let outcome: Swift.Result<Result, any Error>
            do {
                try await waitUntilOpen(settings) { publisher.status }
                outcome = .success(try await body(publisher))
            } catch {
                outcome = .failure(error)
            }
            publisher.stop()
            try await group.waitForAll()
            return try outcome.get()
        }
    }

    /// A command says itself what went wrong.
    static let silent = Logger(label: "orderctl") { _ in SwiftLogNoOpLogHandler() }

    /// Returns when a connection that is being run works.
    ///
    /// - Throws: ``CommandError`` where it does not within 10 s.
    static func waitUntilOpen(
        _ settings: BrokerSettings,
        status: () -> ConnectionStatus
    ) async throws {
        let limit = ContinuousClock.now.advanced(by: .seconds(10))
        var reason: RabbitMQError?
        while true {
            switch status() {
            case .open, .blocked: return
            case .waiting(let why): reason = why
            case .idle, .connecting, .stopped: break
            }
            guard ContinuousClock.now < limit, reason.map(mayPass) != false else { break }
            // A broker that was just killed is back within these seconds.
            try await Task.sleep(for: .milliseconds(20))
        }
        let address = settings.endpoints.map(\.description).joined(separator: ", ")
        let why = reason?.description ?? "it does not answer"
        let hint = reason.map { $0.kind == .unreachable } ?? true ? " Is `orderctl up` running?" : ""
        throw CommandError.unavailable("No broker to work with at \(address): \(why).\(hint)")
    }

    /// Whether the next attempt may do better although nobody changes a certificate or a password.
    private static func mayPass(_ reason: RabbitMQError) -> Bool {
        switch reason.kind {
        case .insecure, .refused(.accessRefused): false
        default: true
        }
    }
}
