import RabbitMQ
import ServiceKit

/// What `/health/ready` asks of the order service.
///
/// Not ready means that an operator should look: the database takes no writes, events wait that the broker should
/// have by now, or no more of them may wait. It does *not* mean that orders are refused: while only the broker is
/// away they are accepted as ever, until the outbox is full. Who wants traffic to go on then routes by
/// `/health/live`.
enum OrderHealth {
    /// Adds the checks `broker`, `database` and `outbox`.
    static func register(
        in health: HealthRegistry,
        store: OrderStore,
        feed: OutboxFeed,
        brokerStatus: @escaping @Sendable () -> ConnectionStatus
    ) {
        health.register("broker") {
            broker(brokerStatus(), feed.fault)
        }
        health.register("database") {
            if let fault = store.standing.fault { return .failing("\(fault)") }
            do {
                try await store.checkWritable()
                return .ok
            } catch {
                return .failing("\(error)")
            }
        }
        health.register("outbox") {
            outbox(waiting: store.backlog.count, isFull: store.backlog.isFull, feed.fault)
        }
    }

    /// Judges the broker.
    ///
    /// A broker that stands still keeps its connection open until two heartbeats are missed; that it confirms nothing
    /// shows before.
    static func broker(_ status: ConnectionStatus, _ fault: OutboxMachine.Fault?) -> HealthCheck {
        guard status.isOpen else { return .failing("\(status)") }
        guard case .broker(let reason) = fault else { return .ok }
        return .failing(reason)
    }

    /// Judges the outbox.
    ///
    /// A broker that is away is the check `broker`'s affair, as long as there is room for events.
    static func outbox(waiting: Int, isFull: Bool, _ fault: OutboxMachine.Fault?) -> HealthCheck {
        let reason: String? =
            switch fault {
            case .unroutable: "no queue is bound to the exchange"
            case .database(let reason): reason
            case .broker(let reason) where isFull: reason
            case .broker, nil: nil
            }
        if isFull { return .failing("full, \(waiting) waiting\(reason.map { ", \($0)" } ?? "")") }
        return reason.map { .failing("\(waiting) waiting: \($0)") } ?? .ok
    }
}
