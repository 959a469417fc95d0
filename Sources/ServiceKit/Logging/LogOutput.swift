/// Where finished log lines go.
///
/// Any task; one record is handed over as a whole, so lines never mix. Blocks while the reader of a pipe is slow:
/// losing lines silently would be worse, and a reader that is gone ends the writing at once.
public struct LogOutput: Sendable {
    /// Takes one record: complete lines with their line ends.
    public let write: @Sendable ([UInt8]) -> Void
    /// Returns when everything taken before is out of the process.
    public let flush: @Sendable () -> Void

    /// Creates an output.
    ///
    /// - Parameters:
    ///   - write: Takes one record; called by any task, also by several at once.
    ///   - flush: Returns when what was taken is written; for outputs that write at once, nothing to do.
    public init(_ write: @escaping @Sendable ([UInt8]) -> Void, flush: @escaping @Sendable () -> Void = {}) {
        self.write = write
        self.flush = flush
    }

    /// The process's standard output.
    ///
    /// A record leaves within 5 ms, together with what came meanwhile; what a process should not lose when it is killed is
    /// followed by ``flush``, as warnings and errors are. ``Program`` flushes at its end.
    public static let standardOutput: LogOutput = {
        let writer = LineWriter { SystemCalls.write($0, to: 1) }
        return LogOutput(writer.write, flush: writer.flush)
    }()

    /// The process's standard error.
    public static let standardError = LogOutput { bytes in
        SystemCalls.write(bytes, to: 2)
    }
}
