public import RabbitMQNode
public import SystemPackage

/// A program that was run to its end.
public struct FinishedProgram: Sendable {
    /// How it ended.
    public let exit: ChildProcess.Exit
    /// Its standard output.
    public let output: String
    /// Its standard error.
    public let error: String
}

extension ProgramUnderTest {
    /// Runs a program to its end.
    ///
    /// - Throws: ``NotInTime`` when it did not end in time; then it has been killed.
    public static func run(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        in directory: FilePath = PackageLayout.root,
        within deadline: Duration = .seconds(60)
    ) async throws -> FinishedProgram {
        let program = try await start(name, arguments, environment: environment, in: directory)
        do {
            let exit = try await program.exit(within: deadline)
            return FinishedProgram(
                exit: exit,
                output: program.lines.joined(separator: "\n"),
                error: program.errorLines.joined(separator: "\n")
            )
        } catch {
            await program.stop(within: .zero)
            throw error
        }
    }
}
