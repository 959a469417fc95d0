import Curl
import Glibc
import RabbitMQNode
import Synchronization
import TestSupport

/// One of the real programs, started again whenever it ends, as `orderctl up` or systemd would.
final class KeptProgram: Sendable {
    private struct State {
        var running: ProgramUnderTest?
        var starts = 0
    }

    let name: String
    /// Where its `/health/*` and `/metrics` are, and orders go.
    let base: String

    private let environment: [String: String]
    private let state = Mutex(State())
    private let http = HTTPClient(connections: 1)

    init(_ name: String, port: UInt16, environment: [String: String]) {
        self.name = name
        base = "http://127.0.0.1:\(port)"
        self.environment = environment
    }

    /// Keeps it running until the task is cancelled, then kills it.
    ///
    /// - Throws: ``NotInTime`` where its settings are wrong: it would end for ever.
    func run() async throws {
        while !Task.isCancelled {
            let program = try await ProgramUnderTest.start(name, environment: environment)
            state.withLock { state in
                state.running = program
                state.starts += 1
            }
            let exit = await program.process.waitForExit()
            await program.stop(within: .zero)
            if exit == .code(78) || exit == .code(64) {
                throw NotInTime(description: "\(name) cannot start; it said:\n\(program.transcript)")
            }
        }
    }

    /// How often it was started.
    var starts: Int { state.withLock { $0.starts } }

    /// What it said since its last start.
    var transcript: String { state.withLock { $0.running }?.transcript ?? "(never started)" }

    /// Sends it a signal.
    func send(_ signal: Int32) {
        state.withLock { $0.running }?.process.send(signal)
    }

    /// Ends it with a signal and returns when it was started again.
    func restart(by signal: Int32) async throws {
        let before = starts
        send(signal)
        try await eventually(within: .seconds(60), "\(name) starts again") { starts > before }
    }

    /// Waits until it says that it is ready.
    func becomesReady() async throws {
        try await eventually(within: .seconds(90), "\(name) is ready; it said:\n\(transcript)") {
            let request = HTTPRequest("GET", base + "/health/ready", timeout: .seconds(5))
            return try await http.send(request).status == 200
        }
    }
}
