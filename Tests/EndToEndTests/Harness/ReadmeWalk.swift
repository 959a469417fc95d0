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
        NOTIFICATION_TRANSPORT=smtp SMTP_URL=smtp://mail.example.com:587 SMTP_USER=shop SMTP_PASSWORD=secret \\
          NOTIFICATION_FROM='Shop <orders@example.com>' Config/run
        """:
            "as above; the test of the mail settings gives them to a worker",
    ]

    /// Programs that run until the reader has read everything, each with what it says when it works.
    static let staysRunning = [
        "RABBITMQ_URL=$(orderctl broker url) DATABASE_URL=sqlite:.run/loyalty.db ADMIN_PORT=9100"
            + " loyalty-worker": #""connection":"loyalty-worker consume""#
    ]

    /// Beginnings of commands that only Ctrl-C ends and that the page shows without output, each with what they say.
    static let streams = ["curl -N ": "event: journey"]

    /// Commands that are shown to fail, each with its exit code.
    static let fails: [String: Int32] = [
        "loyalty-worker --worker-filter 'totl >= 100 && product_id in [1, 2]'": 78
    ]

    private let system: OrderSystem
    private let adminPort: UInt16
    private var running: [ProgramUnderTest] = []
    /// The block whose output may be shown next.
    private var typed: ReadmePage.Block?
    /// What the last command printed; nothing when it was not run to its end.
    private var output: String?
    /// How much `up` had said before the last command.
    private var logStart = 0
    /// The page's ids, and what they are here.
    private var ids: [String: String] = [:]

    init(_ system: OrderSystem) throws {
        self.system = system
        adminPort = try FreePort.reserve()
    }

    /// Takes the next block of the page.
    mutating func take(_ block: ReadmePage.Block) async throws {
        switch block.language {
        case "sh": try await type(block)
        case "http", "text": try await compareOutput(block)
        case "log": try await compareLog(block)
        // A picture, or a piece of code, which other tests look at.
        case "", "swift", "python": break
        default: Issue.record("README.md:\(block.line): no test knows what \(block.language) is")
        }
    }

    /// Ends what was left running, as Ctrl-C does.
    func end() async throws {
        for program in running {
            program.process.send(SIGINT)
            #expect(try await program.exit() == .code(0), "\(program.transcript)")
        }
    }

    private mutating func type(_ block: ReadmePage.Block) async throws {
        output = nil
        typed = block
        logStart = system.up.lines.count
        guard Self.cannotRun[block.text] == nil else { return }
        if block.isWatched {
            // Otherwise what it shows is the next block.
            if let sign = Self.streams.first(where: { block.text.hasPrefix($0.key) })?.value {
                try await watch(block, until: sign)
            }
            return
        }
        if let sign = Self.staysRunning[block.text] {
            let program = try await ProgramUnderTest.start(
                "/bin/bash",
                ["-c", "exec env \(try here(block.text))"],
                environment: environment
            )
            running.append(program)
            _ = try await program.line(containing: sign)
        } else {
            let finished = try await run(block.text)
            let code = Self.fails[block.text] ?? 0
            let said = finished.output + finished.error
            #expect(finished.exit == .code(code), "README.md:\(block.line): \(said)")
            output = code == 0 ? finished.output : finished.error
        }
    }

    private func run(_ commands: String) async throws -> FinishedProgram {
        try await ProgramUnderTest.run(
            "/bin/bash",
            ["-euo", "pipefail", "-c", try here(commands)],
            environment: environment
        )
    }

    private mutating func compareOutput(_ block: ReadmePage.Block) async throws {
        guard let typed else {
            Issue.record("README.md:\(block.line): no command before it")
            return
        }
        if typed.isWatched { return try await watch(typed, until: block.text) }
        guard var said = output else {
            Issue.record("README.md:\(block.line): shows the output of a command that is not run")
            return
        }
        let reading = typed.reading
        if !reading.isEmpty {
            // What is read becomes true a little later; a reader looks again.
            try? await eventually("it is as shown") {
                if ReadmePage.shows(block.text, in: said) { return true }
                said = try await run(reading).output
                return false
            }
        }
        #expect(ReadmePage.shows(block.text, in: said), "README.md:\(block.line), it was:\n\(said)")
        learn(block.text, said)
    }

    /// Runs a command that only Ctrl-C ends, on a terminal, until it has shown every line, in whatever order.
    private func watch(_ typed: ReadmePage.Block, until text: String) async throws {
        var all = environment
        all["TYPED"] = try here(typed.text)
        all["SHELL"] = "/bin/bash"
        let shown = Set(text.split(separator: "\n").map { ReadmePage.masked(String($0)) })
        let arguments = ["-c", #"exec script -qec "$TYPED" /dev/null"#]
        try await ProgramUnderTest.with("/bin/bash", arguments, environment: all) { program in
            try await eventually("README.md:\(typed.line) shows \(text); it was:\n\(program.transcript)") {
                let lines = program.lines.map {
                    ReadmePage.masked($0.replacing(/\u{1B}\[[0-9]*[A-Z]/, with: ""))
                }
                return Set(lines).isSuperset(of: shown)
            }
        }
    }

    /// What `up` printed since the last command has every line shown; the order among programs is not promised.
    private mutating func compareLog(_ block: ReadmePage.Block) async throws {
        let shown = block.text.split(separator: "\n").map { ReadmePage.masked(String($0)) }
        try await eventually("up says what README.md:\(block.line) shows; it said:\n\(system.up.transcript)")
        {
            let said = Set(system.up.lines.dropFirst(logStart).map(ReadmePage.masked))
            return said.isSuperset(of: shown)
        }
    }

    /// Notes which id of ours stands where the page has one of its own.
    private mutating func learn(_ shown: String, _ said: String) {
        let lines = said.split(whereSeparator: \.isNewline).map(String.init)
        for line in shown.split(separator: "\n").map(String.init) {
            let masked = ReadmePage.masked(line)
            guard let same = lines.first(where: { ReadmePage.masked($0) == masked }) else { continue }
            for (theirs, ours) in zip(ReadmePage.ids(in: line), ReadmePage.ids(in: same)) {
                ids[theirs] = ours
            }
        }
    }

    /// The usual addresses, the usual directory and the page's ids replaced by this system's own.
    private func here(_ command: String) throws -> String {
        let state = try system.state()
        func address(_ url: String) -> String {
            String(url.split(separator: "/").last?.split(separator: "@").last ?? "")
        }
        let command =
            command
            .replacing("127.0.0.1:8001", with: address(state.order_service))
            .replacing("127.0.0.1:5672", with: address(state.rabbitmq))
            .replacing("127.0.0.1:9100", with: "127.0.0.1:\(adminPort)")
            .replacing("ADMIN_PORT=9100", with: "ADMIN_PORT=\(adminPort)")
            .replacing("sqlite:.run/", with: "sqlite:\(system.directory.text)/")
        return ids.reduce(command) { $0.replacing($1.key, with: $1.value) }
    }

    private var environment: [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return [
            "UP_DIRECTORY": system.directory.text,
            "PATH": "\(PackageLayout.programs):\(path)",
        ]
    }
}

extension ReadmePage.Block {
    private var commands: [Substring] { text.split(separator: "\n") }

    /// Whether only Ctrl-C ends it; it is run when the page says what it shows.
    var isWatched: Bool {
        commands.contains { $0.hasPrefix("curl -N ") || $0.hasSuffix(" --follow") }
    }

    /// The commands that change nothing, so that they may be typed again; none where another one prints something.
    fileprivate var reading: String {
        let isReading =
            /^(orderctl (doctor|stats|show|dead-letters list|topology check|events list)|curl -s http)/
        let loud = commands.filter { !$0.hasSuffix(" >/dev/null") }
        return loud.allSatisfy { $0.contains(isReading) } ? loud.joined(separator: "\n") : ""
    }
}
