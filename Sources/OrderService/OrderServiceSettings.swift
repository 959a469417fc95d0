import Database
import RabbitMQ
import ServiceKit
import WorkQueue

/// Everything that can be set about the order service.
struct OrderServiceSettings: Sendable {
    /// `http.host`, default `127.0.0.1`.
    let host: String
    /// `http.port`, default 8001; 0 takes a free one and logs it.
    let port: Int
    /// `http.keys`, secret, default `none`: who may call.
    ///
    /// Without keys only loopback is listened on, unless it is `open`.
    let access: APIAccess
    /// `http.rate`, requests a second of one client, 0.1 to 100 000; nil, written `unlimited`, by default.
    let rate: Double?
    /// `http.connections`, 1 to 100 000, default 1024.
    let connections: Int
    /// `http.tls.certificate` and `http.tls.key`; nil, the default, for plain HTTP.
    let certificate: ServerCertificate?
    /// `database.url`, secret, default `sqlite:.run/order-service.db`.
    let database: DatabaseLocation
    /// `outbox.limit`, events, 1 to 100 000 000, default 100 000.
    let outboxLimit: Int
    /// `event.retention`, 1 hour to 3650 days, default 30 days: how long events and journeys are kept; nil, written
    /// `off`, for ever.
    let retention: Duration?
    /// `retry.delays`: when outcomes that could not be kept are tried again.
    let retry: RetryPolicy
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
        access = Self.access(reading: &checklist, host: host)
        rate = checklist.value(
            "http.rate",
            default: nil,
            shownAs: "unlimited",
            "requests a second of one client"
        ) { text throws(BrokenRule) in
            if text == "unlimited" { return nil }
            guard let rate = Double(text), (0.1...100_000).contains(rate) else {
                throw BrokenRule("must be a number from 0.1 to 100000, or unlimited")
            }
            return rate
        }
        connections = checklist.integer(
            "http.connections",
            in: 1...100_000,
            default: HTTPLimits.usual.connections,
            "connections at once; one more is told to come later"
        )
        certificate = ServerCertificate.read(&checklist)
        database = DatabaseLocation(reading: &checklist, service: "order-service")
        outboxLimit = checklist.integer(
            "outbox.limit",
            in: 1...100_000_000,
            default: 100_000,
            "events that may wait for the broker; beyond it orders are refused with 503"
        )
        retention = Self.retention(reading: &checklist)
        retry = RetryPolicy(reading: &checklist)
        broker = BrokerSettings(reading: &checklist, connectionName: "order-service")
    }

    private static func access(reading checklist: inout SettingsChecklist, host: String) -> APIAccess {
        let access: APIAccess? = checklist.value(
            "http.keys",
            default: nil,
            shownAs: "none",
            secrecy: .secret,
            "who may call: name/scopes/sha256 of the key, comma-separated; `orderctl key` makes one"
        ) { text throws(BrokenRule) in text == "none" ? nil : try APIAccess.parse(text) }
        if access == nil, !Loopback.contains(host) {
            checklist.refuse(
                "http.keys",
                because:
                    "must have a key where http.host is reached from elsewhere; `orderctl key` makes one. "
                    + "Or open: whoever reaches the port may then place and read orders"
            )
        }
        return access ?? .open
    }

    private static func retention(reading checklist: inout SettingsChecklist) -> Duration? {
        let usual = Duration.seconds(30 * 86_400)
        return checklist.value(
            "event.retention",
            default: usual,
            shownAs: DurationText.textWithDays(usual),
            "how long published events and the orders' journeys are kept; off for ever"
        ) { text throws(BrokenRule) in
            if text == "off" { return nil }
            guard let period = DurationText.parseWithDays(text) else {
                throw BrokenRule("\(DurationText.ruleWithDays), or off")
            }
            guard (Duration.seconds(3_600)...(.seconds(3_650 * 86_400))).contains(period) else {
                throw BrokenRule("must be from 1h to 3650d, or off")
            }
            return period
        }
    }
}
