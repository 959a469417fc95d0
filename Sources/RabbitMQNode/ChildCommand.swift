import Subprocess
public import SystemPackage

/// What to start, and where its output goes.
public struct ChildCommand: Sendable {
    /// Where standard output and standard error go, both together.
    public enum Output: Sendable {
        /// Nowhere.
        case discarded
        /// Appended to a file, which is created if missing.
        case file(FilePath)
        /// Both to one closure, whole lines in order, without their endings; lines written together come together.
        ///
        /// A line longer than 1 MiB arrives in pieces.
        case lines(@Sendable ([String]) -> Void)
        /// Each to a closure of its own; else as `lines`.
        case streams(output: @Sendable ([String]) -> Void, error: @Sendable ([String]) -> Void)
    }

    /// The program's path.
    public var executable: FilePath
    /// Its arguments, without the program's name.
    public var arguments: [String]
    /// Its whole environment; nothing else is inherited.
    public var environment: [String: String]
    /// Where it runs; `nil` is the current directory.
    public var workingDirectory: FilePath?
    /// Where its output goes.
    public var output: Output

    /// Describes a program to start.
    public init(
        executable: FilePath,
        arguments: [String] = [],
        environment: [String: String],
        workingDirectory: FilePath? = nil,
        output: Output = .discarded
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.output = output
    }
}

extension ChildCommand {
    /// Runs the program until it has ended and been reaped.
    func run(started: @Sendable (Int32) -> Void) async throws -> ChildProcess.Exit {
        switch output {
        case .discarded: try await run(appendingTo: "/dev/null", started: started)
        case .file(let path): try await run(appendingTo: path, started: started)
        case .lines(let receive): try await run(lines: receive, started: started)
        case .streams(let output, let error): try await run(output: output, error: error, started: started)
        }
    }

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.createSession = true
        let pairs = environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        return Configuration(
            executable: .path(executable),
            arguments: Arguments(arguments),
            environment: .custom(Dictionary(pairs) { _, last in last }),
            workingDirectory: workingDirectory,
            platformOptions: options
        )
    }

    private func run(
        appendingTo path: FilePath,
        started: @Sendable (Int32) -> Void
    ) async throws -> ChildProcess.Exit {
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.append, .create, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead]
        )
        let result = try await Subprocess.run(
            configuration,
            input: .none,
            output: .fileDescriptor(file, closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { execution in
            started(execution.processIdentifier.value)
        }
        return ChildProcess.Exit(result.terminationStatus)
    }

    private func run(
        lines receive: @Sendable ([String]) -> Void,
        started: @Sendable (Int32) -> Void
    ) async throws -> ChildProcess.Exit {
        let result = try await Subprocess.run(
            configuration,
            input: .none,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            started(execution.processIdentifier.value)
            await Self.forward(execution.standardOutput, to: receive)
        }
        return ChildProcess.Exit(result.terminationStatus)
    }

    private func run(
        output: @Sendable ([String]) -> Void,
        error: @Sendable ([String]) -> Void,
        started: @Sendable (Int32) -> Void
    ) async throws -> ChildProcess.Exit {
        let result = try await Subprocess.run(
            configuration,
            input: .none,
            output: .sequence,
            error: .sequence
        ) { execution in
            started(execution.processIdentifier.value)
            async let errors: Void = Self.forward(execution.standardError, to: error)
            await Self.forward(execution.standardOutput, to: output)
            await errors
        }
        return ChildProcess.Exit(result.terminationStatus)
    }

    /// Hands every line on until the pipe ends.
    private static func forward(
        _ stream: SubprocessOutputSequence,
        to receive: @Sendable ([String]) -> Void
    ) async {
        var splitter = LineSplitter()
        do {
            for try await buffer in stream {
                let lines = splitter.append([UInt8](copying: buffer))
                if !lines.isEmpty { receive(lines) }
            }
        } catch {
            // The pipe is gone; the end of the process is what matters, and the caller awaits that.
        }
        if let rest = splitter.finish() { receive([rest]) }
    }
}

extension ChildProcess.Exit {
    fileprivate init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .code(code)
        case .signaled(let signal): self = .signal(signal)
        }
    }
}
