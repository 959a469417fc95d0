import FoundationEssentials
import Glibc
public import RabbitMQNode
public import SystemPackage

/// One of the package's built programs, running as a real process.
///
/// It inherits nothing but `PATH` and what it is given; it ends with the test process at the latest.
public final class ProgramUnderTest: Sendable {
    /// The running process.
    public let process: ChildProcess

    private let name: String
    private let output: OutputLines
    private let errors: OutputLines

    private init(name: String, process: ChildProcess, output: OutputLines, errors: OutputLines) {
        self.name = name
        self.process = process
        self.output = output
        self.errors = errors
    }

    /// Starts a program of ours, such as `order-service`, or any by its absolute path; in the package's root.
    public static func start(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        in directory: FilePath = PackageLayout.root
    ) async throws -> ProgramUnderTest {
        let output = OutputLines()
        let errors = OutputLines()
        let inherited = ProcessInfo.processInfo.environment.filter {
            ["PATH", "HOME", "LANG"].contains($0.key)
        }
        let process = try await ChildProcess.start(
            ChildCommand(
                executable: PackageLayout.programs.pushing(FilePath(name)),
                arguments: arguments,
                environment: inherited.merging(environment) { $1 },
                workingDirectory: directory,
                output: .streams(output: { output.append($0) }, error: { errors.append($0) })
            )
        )
        await ProcessJanitor.shared.watch(process.pid)
        return ProgramUnderTest(name: name, process: process, output: output, errors: errors)
    }

    /// Starts a program, hands it to the body, and always ends it.
    public static func with<Result>(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        _ body: (ProgramUnderTest) async throws -> Result
    ) async throws -> Result {
        let program = try await start(name, arguments, environment: environment)
        do {
            let result = try await body(program)
            await program.stop()
            return result
        } catch {
            await program.stop()
            throw error
        }
    }

    /// What standard output holds so far.
    public var lines: [String] { output.all }

    /// What standard error holds so far.
    public var errorLines: [String] { errors.all }

    /// Waits for a line of either stream that contains the text.
    public func line(containing text: String, within deadline: Duration = .seconds(60)) async throws -> String
    {
        let outcome: Result<String, NotInTime> = try await eventualValue(
            within: deadline,
            "\(name) says \"\(text)\"; it said:\n\(transcript)"
        ) {
            let exit = process.exit
            if let found = (lines + errorLines).first(where: { $0.contains(text) }) { return .success(found) }
            // Only an end seen before the lines were: what it said last has been read by then.
            return exit.map {
                .failure(NotInTime(description: "\(name) ended (\($0)); it said:\n\(transcript)"))
            }
        }
        return try outcome.get()
    }

    /// Waits for the end.
    ///
    /// - Throws: ``NotInTime`` with everything it said.
    public func exit(within deadline: Duration = .seconds(60)) async throws -> ChildProcess.Exit {
        guard let exit = await process.waitForExit(within: deadline) else {
            throw NotInTime(description: "\(name) did not end within \(deadline); it said:\n\(transcript)")
        }
        await ProcessJanitor.shared.forget(process.pid)
        return exit
    }

    /// Everything it said on both streams, for a failure's message.
    public var transcript: String {
        (lines + errorLines.map { "stderr: \($0)" }).suffix(60).joined(separator: "\n")
    }

    /// Ends it: SIGTERM, then SIGKILL.
    public func stop(within grace: Duration = .seconds(40)) async {
        await process.stop(within: grace)
        await ProcessJanitor.shared.forget(process.pid)
    }
}
