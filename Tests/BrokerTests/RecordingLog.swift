import Logging
import Synchronization

/// Keeps what was logged, a line each: the message, then its `reason` where there is one.
final class RecordingLog: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var logger: Logger {
        Logger(label: "recorded") { [self] _ in Handler(log: self) }
    }

    func lines(containing text: String) -> [String] { lines.filter { $0.contains(text) } }

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let reason = event.metadata?["reason"].map { ": \($0)" } ?? ""
            log.kept.withLock { $0.append("\(event.message)\(reason)") }
        }
    }
}
