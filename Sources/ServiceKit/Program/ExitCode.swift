/// What a program tells the shell when it ends; the numbers of `sysexits.h`.
public enum ExitCode: Int32, Sendable {
    /// Everything asked for was done.
    case ok = 0
    /// The command line cannot be understood.
    case usage = 64
    /// A server that is needed never came.
    case unavailable = 69
    /// A defect of this program, or a fault nobody foresaw.
    case failure = 70
    /// A setting, or a file that a setting names, cannot be used.
    case settings = 78
}

/// An error that knows how a program should end because of it.
public protocol ExplainedError: Error, Sendable {
    /// What the shell is told.
    var exitCode: ExitCode { get }
    /// What a person is told on standard error: one or more lines, free of secrets.
    var explanation: String { get }
}

/// A reason for not starting that is no single setting's fault.
public struct StartError: ExplainedError, Equatable {
    /// What the shell is told.
    public let exitCode: ExitCode
    /// What a person is told.
    public let explanation: String

    /// Creates a reason.
    ///
    /// - Parameters:
    ///   - exitCode: `unavailable` for a server that never came, `settings` for a file that cannot be used.
    ///   - explanation: Names what is wrong and where, free of secrets.
    public init(_ exitCode: ExitCode, _ explanation: String) {
        self.exitCode = exitCode
        self.explanation = explanation
    }
}
