import Logging
import Synchronization

/// A log that keeps what a person reads, with its reasons, and counts the rest.
final class LogLines: LogHandler, Sendable {
    private struct Contents {
        var lines: [String] = []
        var debugCount = 0
    }

    private let contents = Mutex(Contents())

    /// Everything from `info` on.
    var all: [String] { contents.withLock { $0.lines } }
    /// How many lines were for developers.
    var debugCount: Int { contents.withLock { $0.debugCount } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        contents.withLock { contents in
            guard event.level >= .info else { return contents.debugCount += 1 }
            contents.lines.append("\(event.message) \(event.metadata ?? [:])")
        }
    }
}
