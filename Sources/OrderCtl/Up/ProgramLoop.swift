import Curl
import RabbitMQNode
import SystemPackage

/// What `up` reacts to.
enum UpEvent: Sendable {
    /// The broker answers.
    case brokerReady
    /// Exchanges, queues and bindings are there, or the programs declare them.
    case topologyReady
    /// A program started, ended or became ready.
    case changed
    /// Going on makes no sense.
    case failed(CommandError)
    /// Not everything became ready in time.
    case late
    /// Somebody wants it to end.
    case stop
}

/// Keeps one program running until its task is cancelled; then the program still runs and is the table's.
struct ProgramLoop: Sendable {
    let program: UpPlan.Program
    let workingDirectory: FilePath
    let table: ProcessTable
    let printer: LogPrinter
    let http: HTTPClient
    let report: @Sendable (UpEvent) -> Void

    func run() async {
        var policy = RestartPolicy()
        var admin: UInt16?
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let ending: String
            do {
                guard let exit = try await runOnce(&admin) else { return }
                // Bad settings stay bad: starting again would only repeat the message.
                if exit == .code(78), !table.wasReady(program.name) {
                    report(.failed(.settings("\(program.name) cannot start; its message is above.")))
                    return
                }
                ending = "ended (\(exit))"
            } catch {
                ending = "could not be started: \(error)"
            }
            let delay = policy.ended(after: started.duration(to: .now), roll: .random(in: 0...1))
            let tenths = Int((delay / .milliseconds(100)).rounded(.up))
            printer.say("\(program.name) \(ending); it is started again in \(tenths / 10).\(tenths % 10) s.")
            try? await Task.sleep(for: delay)
        }
    }

    /// Starts the program and waits for its end.
    ///
    /// - Parameter admin: The port reserved for a worker; another one where somebody took it meanwhile.
    /// - Returns: How it ended; nil when the task was cancelled, and then it may still run.
    /// - Throws: Where there is no free port, or the program cannot be started.
    private func runOnce(_ admin: inout UInt16?) async throws -> ChildProcess.Exit? {
        var environment = program.environment
        if program.httpPort == nil {
            // Reserved: of two workers that start at once, neither takes the other's.
            admin = try admin.flatMap { FreePort.isFree($0) ? $0 : nil } ?? FreePort.reserve()
            environment["ADMIN_PORT"] = admin.map { "\($0)" }
        }
        guard let port = program.httpPort ?? admin else { return nil }
        let process = try await ChildProcess.start(
            ChildCommand(
                executable: program.executable,
                environment: environment,
                workingDirectory: workingDirectory,
                output: .lines { [printer, program] in printer.print($0, from: program.name) }
            )
        )
        table.set(process, for: program.name, admin: admin)
        report(.changed)
        async let _ = announceReadiness(port: port)
        let exit = await process.waitForExit()
        guard exit != nil else { return nil }
        table.remove(program.name)
        report(.changed)
        return exit
    }

    private func announceReadiness(port: UInt16) async {
        let request = HTTPRequest("GET", "http://127.0.0.1:\(port)/health/ready", timeout: .seconds(3))
        while !Task.isCancelled {
            if let response = try? await http.send(request), response.status == 200 {
                table.noteReady(program.name)
                report(.changed)
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
