import ServiceKit

/// Why a command ends without success; one clear sentence that says what to do.
struct CommandError: Error, Equatable {
    /// What the shell is told.
    let code: Int32
    /// What a person is told; empty when the command has said it already.
    let message: String

    /// The question was understood, and the answer is no.
    static func refused(_ message: String) -> CommandError { CommandError(code: 1, message: message) }

    /// The answer is no, and has been printed.
    static let alreadyTold = CommandError(code: 1, message: "")

    /// The command line cannot be used.
    static func usage(_ message: String) -> CommandError {
        CommandError(code: ExitCode.usage.rawValue, message: message)
    }

    /// A server that is needed does not answer.
    static func unavailable(_ message: String) -> CommandError {
        CommandError(code: ExitCode.unavailable.rawValue, message: message)
    }

    /// Something that cannot happen did.
    static func failure(_ message: String) -> CommandError {
        CommandError(code: ExitCode.failure.rawValue, message: message)
    }

    /// A setting, or a file that a setting names, cannot be used.
    static func settings(_ message: String) -> CommandError {
        CommandError(code: ExitCode.settings.rawValue, message: message)
    }
}
