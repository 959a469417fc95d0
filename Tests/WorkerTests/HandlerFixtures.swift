import Logging
import RabbitMQ
import ServiceKit
import Synchronization

@testable import WorkQueue

/// The context of a delivery of one event.
func context(_ eventID: String, attempt: Int = 1) -> DeliveryContext {
    DeliveryContext(
        envelope: EventEnvelope(
            id: eventID,
            type: "order.created",
            version: 1,
            attempts: attempt - 1,
            properties: MessageProperties(),
            body: []
        )
    )
}

/// Keeps what a person would see.
final class Screen: Sendable {
    private let records = Mutex<[String]>([])

    /// Logs into this screen, announcements as boxes.
    var logger: Logger {
        let output = LogOutput { bytes in
            self.records.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        return Logger(label: "test") { _ in PrettyLogHandler(level: .info, style: .plain, output: output) }
    }

    /// Every record so far, with its line end.
    var shown: [String] { records.withLock { $0 } }
}
