import FoundationEssentials
import Glibc
import RabbitMQNode
import TestSupport
import Testing

/// A reader who types every command of the README, one after the other, and compares what comes.
struct ReadmeWalk {
    /// Commands that a test cannot run, each with its reason.
    static let cannotRun = [
        "Config/run": "installs packages and builds; what it hands over to, `orderctl up`, is what runs here",
        """
        Config/run --inventory-workers 3
        docker compose up --build --scale inventory-worker=3
        """:
            "as above, and images cannot be fetched; CrashTests runs three workers, Config/test reads the file",
    ]

    /// Commands that stay in the foreground, each with what they say when they work.
    static let staysInForeground = [
        "RABBITMQ_URL=amqp://guest:guest@127.0.0.1:5672 DATABASE_URL=sqlite:.run/inventory.db"
            + " .build/debug/inventory-worker": #""connection":"inventory-worker consume""#
    ]

    private let system: OrderSystem
    /// What the last command printed; nothing when it was not run.
    private var output: String?
    /// How much `up` had said before the last command.
    private var logStart = 0

    init(_ system: OrderSystem) {
        self.system = system
    }

    /// Takes the next block of the page.
    mutating func take(_ block: ReadmePage.Block) async throws {
        switch block.language {
        case "sh": try await type(block)
        case "http", "text": compareOutput(block)
        case "log": try await compareLog(block)
        // A picture, or a piece of code, which other tests look at.
        case "", "swift", "python": break
        default: Issue.record("README.md:\(block.line): no test knows what \(block.language) is")
        }
    }

    private mutating func type(_ block: ReadmePage.Block) async throws {
        output = nil
        logStart = system.up.lines.count
        guard Self.cannotRun[block.text] == nil else { return }
        if let sign = Self.staysInForeground[block.text] { return try await runForAWhile(block, sign) }
        let finished = try await ProgramUnderTest.run(
            "/bin/bash",
            ["-euo", "pipefail", "-c", try here(block.text)],
            environment: environment
        )
        #expect(finished.exit == .code(0), "README.md:\(block.line): \(finished.output)\(finished.error)")
        output = finished.output
    }

    private func runForAWhile(_ block: ReadmePage.Block, _ sign: String) async throws {
        let command = "exec env \(try here(block.text))"
        let arguments = ["-c", command]
        try await ProgramUnderTest.with("/bin/bash", arguments, environment: environment) { program in
            _ = try await program.line(containing: sign)
            program.process.send(SIGTERM)
            #expect(try await program.exit() == .code(0), "README.md:\(block.line)")
        }
    }

    private func compareOutput(_ block: ReadmePage.Block) {
        guard let output else {
            Issue.record("README.md:\(block.line): shows the output of a command that is not run")
            return
        }
        #expect(ReadmePage.masked(output) == ReadmePage.masked(block.text), "README.md:\(block.line)")
    }

    /// What `up` printed since the last command has every line shown; the order among programs is not promised.
    private func compareLog(_ block: ReadmePage.Block) async throws {
        let shown = block.text.split(separator: "\n").map { ReadmePage.masked(String($0)) }
        try await eventually("up says what README.md:\(block.line) shows; it said:\n\(system.up.transcript)")
        {
            let said = Set(system.up.lines.dropFirst(logStart).map(ReadmePage.masked))
            return said.isSuperset(of: shown)
        }
    }

    /// The usual addresses and the usual directory replaced by this system's own.
    private func here(_ command: String) throws -> String {
        let state = try system.state()
        func address(_ url: String) -> String {
            String(url.split(separator: "/").last?.split(separator: "@").last ?? "")
        }
        return
            command
            .replacing("127.0.0.1:8001", with: address(state.order_service))
            .replacing("127.0.0.1:5672", with: address(state.rabbitmq))
            .replacing("127.0.0.1:15672", with: address(state.management))
            .replacing("sqlite:.run/", with: "sqlite:\(system.directory.text)/")
    }

    private var environment: [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return [
            "UP_DIRECTORY": system.directory.text,
            "PATH": "\(PackageLayout.programs):\(path)",
        ]
    }
}
