import Database
import RabbitMQ
import ServiceKit

/// Everything that can be set about the order service.
struct OrderServiceSettings: Sendable {
    /// `http.host`, default `127.0.0.1`.
    let host: String
    /// `http.port`, default 8001; 0 takes a free one and logs it.
    let port: Int
    /// `database.url`, secret, default `sqlite:.run/order-service.db`.
    let database: DatabaseLocation
    /// `outbox.limit`, events, 1 to 100 000 000, default 100 000.
    let outboxLimit: Int
    /// `rabbitmq.*`.
    let broker: BrokerSettings

    /// Reads every key; problems are noted, not thrown.
    init(reading checklist: inout SettingsChecklist) {
        host = checklist.text("http.host", default: "127.0.0.1", "address to accept orders on")
        port = checklist.integer(
            "http.port",
            in: 0...65_535,
            default: 8_001,
            "its port; 0 takes a free one and logs it"
        )
        database = DatabaseLocation(reading: &checklist, service: "order-service")
        outboxLimit = checklist.integer(
            "outbox.limit",
            in: 1...100_000_000,
            default: 100_000,
            "events that may wait for the broker; beyond it orders are refused with 503"
        )
        broker = BrokerSettings(reading: &checklist, connectionName: "order-service")
    }
}
