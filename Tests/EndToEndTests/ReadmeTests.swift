import FoundationEssentials
import RabbitMQ
import RabbitMQNode
import SystemPackage
import TestSupport
import Testing
import WorkQueue

@Suite("The README", .serialized)
struct ReadmeTests {
    private let page: ReadmePage

    init() throws {
        page = try ReadmePage()
    }

    @Test(
        "every command does what is shown, in the order of the page",
        .brokerInstalled,
        .enabled(if: ToolsOfReaders.arePresent, "curl and amqp-tools are not installed"),
        .timeLimit(.minutes(5))
    )
    func commands() async throws {
        try await OrderSystem.run { system in
            var walk = ReadmeWalk(system)
            for block in page.blocks { try await walk.take(block) }
        }
    }

    @Test("no command is excused that the page does not have")
    func excuses() {
        let commands = Set(page.blocks.filter { $0.language == "sh" }.map(\.text))
        #expect(commands.isSuperset(of: ReadmeWalk.cannotRun.keys))
        #expect(commands.isSuperset(of: ReadmeWalk.staysInForeground.keys))
        #expect(commands.contains("Config/run"))
    }

    @Test("the example is compiled code, and its target is named as Package.swift names the others")
    func example() throws {
        let code = page.blocks.filter { $0.language == "swift" }.map(\.text)
        try #require(code.count == 2)
        let source = try ReadmePage.read("Tests/EndToEndTests/ReadmeExample.swift")
        let compiled = try #require(source.firstMatch(of: /\/\/ README begin\n([\s\S]*)\n\/\/ README end/))
        #expect(code[0] == compiled.1)
        let manifest = try ReadmePage.read("Package.swift").split(separator: "\n")
            .map { line in
                String(line.trimmingPrefix { $0 == " " })
            }
        for line in code[1].split(separator: "\n") {
            let sibling = line.replacing("Loyalty", with: "Analytics").replacing("loyalty", with: "analytics")
            #expect(manifest.contains(String(sibling)), "Package.swift has no line like \(line)")
        }
    }

    @Test("the example's points are given once, however often the event comes, and a failure is tried again")
    func examplePoints() async throws {
        let order = LoyaltyOrder(user_id: 123, quantity: 2)
        let points = Points()
        let handler = LoyaltyHandler(points: points)
        #expect(await handler.handle(order, in: try context(eventID: "1")) == .done)
        #expect(await handler.handle(order, in: try context(eventID: "1")) == .done)
        #expect(await points.total == 2)
        await points.fail()
        let verdict = await handler.handle(order, in: try context(eventID: "2"))
        guard case .retry = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test("each guarantee names a test that exists")
    func guarantees() throws {
        let rows = page.rows(below: "Guarantees")
        #expect(rows.count >= 12)
        for row in rows {
            let proof = try #require(
                row.firstMatch(of: /\| `([A-Za-z\/]+\.swift)`: "([^"]+)" \|$/),
                "no test is named in: \(row)"
            )
            let isThere = try tests(in: "Tests/\(proof.1)").contains(String(proof.2))
            #expect(isThere, "\(proof.1) has no test \"\(proof.2)\"")
        }
    }

    @Test("each test that a decision record names exists")
    func decisions() throws {
        let files = try Self.files(below: "Sources/WorkQueue/WorkQueue.docc/Decisions", ending: ".md")
        #expect(files.count >= 7)
        for file in files {
            let record = try ReadmePage.read(file).replacing(/\s+/, with: " ")
            let named = record.matches(of: /`([A-Z][A-Za-z]+Tests)`, ("[^"]+"(?: and "[^"]+")*)/)
            for proof in named {
                let known = try Self.files(below: "Tests/\(proof.1)", ending: ".swift").flatMap(tests)
                for name in proof.2.matches(of: /"([^"]+)"/) {
                    #expect(known.contains(String(name.1)), "\(file): \(proof.1) has no test \(name.0)")
                }
            }
        }
    }

    @Test(
        "each setting that a program's help names is in the table, with its default",
        arguments: ["order-service", "notification-worker", "inventory-worker", "analytics-worker"]
    )
    func settings(program: String) async throws {
        let help = try await ProgramUnderTest.run(program, ["--help"])
        let flags = help.output.matches(of: /\n  --([a-z-]+) +[^\n]*\[([^\]\n]*)\]/)
        #expect(flags.count > 5)
        let rows = page.rows(below: "Settings")
        for flag in flags {
            let key = flag.1.replacing("-", with: ".")
            let row = try #require(rows.first { $0.contains("`\(key)`") }, "\(key) is not in the table")
            let shown = flag.2.replacing(/\.run\/[a-z-]+\.db/, with: ".run/<service>.db")
            #expect(row.replacing("`", with: "").contains(shown), "the default of \(key) is \(shown)")
        }
    }

    @Test("every flag and variable of orderctl that the page names exists, and every variable is on the page")
    func orderctl() async throws {
        let commands = [
            ["up"], ["submit"], ["show"], ["stock"], ["topology", "show"], ["topology", "apply"],
            ["topology", "check"], ["dead-letters", "list"], ["dead-letters", "show"],
            ["dead-letters", "replay"], ["dead-letters", "discard"],
        ]
        var help = ""
        for command in commands {
            let finished = try await ProgramUnderTest.run("orderctl", command + ["--help"])
            #expect(finished.exit == .code(0))
            help += finished.output.replacing(/\s+/, with: " ")
        }
        let quoted = page.quoted
        for variable in Set(help.matches(of: /\(([A-Z]+(_[A-Z]+)+)[;)]/).map { String($0.1) }) {
            let key = variable.lowercased().replacing("_", with: ".")
            #expect(quoted.contains(variable) || quoted.contains(key), "\(variable) is not on the page")
        }
        // Of docker compose, and the two forms of one setting.
        let others: Set = ["--build", "--http-port"]
        for flag in Set(quoted.flatMap { $0.matches(of: /--[a-z][a-z-]+/).map { String($0.0) } }) {
            #expect(help.contains("\(flag) ") || others.contains(flag), "orderctl has no \(flag)")
        }
    }

    @Test("the page is short enough to be read, and its links lead somewhere")
    func form() throws {
        #expect(page.lines.count <= 301, "300 lines, and what follows the last line's end")
        for link in page.prose.flatMap({ $0.matches(of: /\]\(([^)]+)\)/) }) where !link.1.hasPrefix("http") {
            #expect(throws: Never.self) { try ReadmePage.read(String(link.1)) }
        }
    }

    /// The display names of the tests in a file.
    private func tests(in path: String) throws -> [String] {
        try ReadmePage.read(path).matches(of: /@Test\(\s*"([^"]+)"/).map { String($0.1) }
    }

    private static func files(below folder: String, ending: String) throws -> [String] {
        let path = PackageLayout.root.pushing(FilePath(folder)).string
        return try FileManager.default.subpathsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(ending) }
            .map { "\(folder)/\($0)" }
    }

    private func context(eventID: String) throws -> DeliveryContext {
        let delivery = Delivery(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: "orders.events",
            routingKey: "",
            properties: MessageProperties(messageID: eventID, type: LoyaltyOrder.eventType),
            body: []
        )
        return DeliveryContext(envelope: try EnvelopeCodec.decode(delivery))
    }
}

/// Points in memory, with what a database does in a transaction.
private actor Points: PointsStore {
    private struct Unavailable: Error {}
    private var seen: Set<String> = []
    private(set) var total: Int64 = 0
    private var isFailing = false

    func add(_ points: Int64, to user: Int64, for eventID: String) throws {
        guard !isFailing else { throw Unavailable() }
        if seen.insert(eventID).inserted { total += points }
    }

    func fail() { isFailing = true }
}

/// The programs that a reader of the README uses beside ours.
private enum ToolsOfReaders {
    /// Absence is a failure where it must not be: `REQUIRE_BROKER=1`.
    static let arePresent: Bool = {
        ProcessInfo.processInfo.environment["REQUIRE_BROKER"] == "1"
            || ["curl", "amqp-consume", "amqp-declare-queue"]
                .allSatisfy {
                    FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
                }
    }()
}
