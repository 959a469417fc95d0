import Synchronization

/// Where finished log lines go.
///
/// Any task; one record is handed over as a whole, so lines never mix. Blocks while the reader of a pipe is slow:
/// losing lines silently would be worse, and a reader that is gone ends the writing at once.
public struct LogOutput: Sendable {
    /// Takes one record: complete lines with their line ends.
    public let write: @Sendable ([UInt8]) -> Void

    /// Creates an output.
    ///
    /// - Parameter write: Takes one record; called by any task, also by several at once.
    public init(_ write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// The process's standard output.
    public static let standardOutput = LogOutput { bytes in
        standardOutputTurn.withLock { _ in SystemCalls.write(bytes, to: 1) }
    }

    /// The process's standard error.
    public static let standardError = LogOutput { bytes in
        SystemCalls.write(bytes, to: 2)
    }

    /// Keeps a long record whole when the kernel takes it in parts.
    private static let standardOutputTurn = Mutex<Void>(())
}
