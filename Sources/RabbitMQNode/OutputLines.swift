import Synchronization

/// The lines that a process has written so far.
///
/// Any thread. Keeps the newest 100 000 lines.
public final class OutputLines: Sendable {
    private let lines = Mutex<[String]>([])
    private static let capacity = 100_000

    /// Creates an empty collection.
    public init() {}

    /// Adds lines.
    public func append(_ newLines: [String]) {
        lines.withLock { lines in
            lines.append(contentsOf: newLines)
            if lines.count > Self.capacity { lines.removeFirst(lines.count - Self.capacity * 9 / 10) }
        }
    }

    /// Every line kept, oldest first.
    public var all: [String] {
        lines.withLock { $0 }
    }
}
