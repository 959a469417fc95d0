import FoundationEssentials
import RabbitMQNode
import SystemPackage
import TestSupport
import Testing

@Suite("The README", .serialized)
struct ReadmeTests {
    let page: ReadmePage

    init() throws {
        page = try ReadmePage()
    }

    @Test(
        "every command does what is shown, in the order of the page",
        .brokerInstalled,
        .enabled(if: ToolsOfReaders.arePresent, "curl or script is not installed"),
        .timeLimit(.minutes(5))
    )
    func commands() async throws {
        try await OrderSystem.run { system in
            var walk = try ReadmeWalk(system)
            do {
                for block in page.blocks { try await walk.take(block) }
            } catch {
                try await walk.end()
                throw error
            }
            try await walk.end()
        }
    }

    @Test("no command is excused that the page does not have")
    func excuses() {
        let commands = Set(page.blocks.filter { $0.language == "sh" }.map(\.text))
        #expect(commands.isSuperset(of: ReadmeWalk.cannotRun.keys))
        #expect(commands.isSuperset(of: ReadmeWalk.staysRunning.keys))
        #expect(commands.isSuperset(of: ReadmeWalk.fails.keys))
        #expect(commands.contains("Config/run"))
        for (block, next) in zip(page.blocks, page.blocks.dropFirst()) where block.isWatched {
            let isSeen =
                next.language == "text" || ReadmeWalk.streams.keys.contains { block.text.hasPrefix($0) }
            #expect(isSeen, "README.md:\(block.line) is never run")
        }
    }

    @Test("the service is the one that is built, and Package.swift names it so")
    func example() throws {
        let code = page.blocks.filter { $0.language == "swift" }.map(\.text)
        let source = try ReadmePage.read("Sources/LoyaltyWorker/LoyaltyProgram.swift")
        #expect(code.map { $0 + "\n" } == [source])
        let manifest = try ReadmePage.read("Package.swift").split(separator: "\n")
            .map { line in
                String(line.trimmingPrefix { $0 == " " })
            }
        let lines = page.quoted.filter { $0.contains("LoyaltyWorker\"") }
        #expect(lines.count == 2)
        for line in lines { #expect(manifest.contains(line), "Package.swift has no line \(line)") }
    }

    private static let guaranteesPage = "Sources/WorkQueue/WorkQueue.docc/Guarantees.md"

    @Test("each guarantee names a test that exists")
    func guarantees() throws {
        let further = try ReadmePage(Self.guaranteesPage)
        let headings = further.prose.filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
        let more = headings.flatMap { further.rows(below: $0) }
        let rows = page.rows(below: "Guarantees") + more
        #expect(rows.count - more.count >= 12 && more.count >= 12)
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
            let named = record.matches(
                of: /`([A-Z][A-Za-z]+Tests)(?:\/[A-Za-z]+)?`[,:] ("[^"]+"(?:(?:,| and) "[^"]+")*)/
            )
            for proof in named {
                let known = try Self.files(below: "Tests/\(proof.1)", ending: ".swift").flatMap(tests)
                for name in proof.2.matches(of: /"([^"]+)"/) {
                    #expect(known.contains(String(name.1)), "\(file): \(proof.1) has no test \(name.0)")
                }
            }
        }
    }

    @Test("every flag of orderctl that the page names exists, and every variable is explained")
    func orderctl() async throws {
        let commands = [
            ["up"], ["submit"], ["show"], ["stock"], ["stats"], ["doctor"], ["topology", "show"],
            ["topology", "apply"],
            ["topology", "check"], ["dead-letters", "list"], ["dead-letters", "show"],
            ["dead-letters", "replay"], ["dead-letters", "discard"],
            ["events", "list"], ["events", "show"], ["events", "replay"],
            ["audit"], ["soak"], ["key"], ["broker", "url"], ["broker", "logins"],
            ["bench", "http"], ["bench", "publish"], ["bench", "consume"], ["bench", "flow"],
        ]
        var help = ""
        for command in commands {
            let finished = try await ProgramUnderTest.run("orderctl", command + ["--help"])
            #expect(finished.exit == .code(0))
            help += finished.output.replacing(/\s+/, with: " ")
        }
        let quoted = try page.quoted + ReadmePage(Self.settingsPage).quoted
        for variable in Set(help.matches(of: /\(([A-Z]+(_[A-Z]+)+)[;)]/).map { String($0.1) }) {
            let key = variable.lowercased().replacing("_", with: ".")
            #expect(quoted.contains(variable) || quoted.contains(key), "\(variable) is on no page")
        }
        // Of docker compose and swift build, and the two forms of one setting.
        let others: Set = ["--build", "--scale", "--http-port", "--traits"]
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
}

/// The programs that a reader of the README uses beside ours.
private enum ToolsOfReaders {
    /// Absence is a failure where it must not be: `REQUIRE_BROKER=1`.
    static let arePresent: Bool = {
        ProcessInfo.processInfo.environment["REQUIRE_BROKER"] == "1"
            || ["curl", "script"]
                .allSatisfy {
                    FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
                }
    }()
}
