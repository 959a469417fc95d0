import Database
import FoundationEssentials
import RabbitMQ
import SystemPackage
import TestSupport
import Testing

@testable import ServiceKit

/// What the settings of a made-up program come to.
private struct Read {
    var port = 0
    var drain = Duration.zero
    var name = ""
    var broker: BrokerSettings?
    var database: DatabaseLocation?
    var error: SettingsError?
    var help = ""

    init(_ arguments: [String] = [], environment: [String: String] = [:], yaml: String? = nil) async throws {
        let directory = try TemporaryDirectory()
        if let yaml {
            try Data(yaml.utf8).write(to: URL(filePath: directory.appending("shop.yaml").string))
        }
        var environment = environment
        environment["CONFIG_DIRECTORY"] = directory.path.string
        let sources = await SettingsSources(program: "shop", arguments: arguments, environment: environment)
        var checklist = SettingsChecklist(sources)
        port = checklist.integer("http.port", in: 1...65_535, default: 8_001, "port")
        drain = checklist.duration(
            "worker.drain",
            in: .zero ... .seconds(600),
            default: .seconds(25),
            "drain"
        )
        name = checklist.text("shop.name", default: "Corner", "name")
        broker = BrokerSettings(reading: &checklist, connectionName: "shop")
        database = DatabaseLocation(reading: &checklist, service: "shop")
        _ = checklist.choice("log.format", default: LogFormat.json, "look")
        help = checklist.help(summary: "sells things")
        do throws(SettingsError) { try checklist.finish() } catch { self.error = error }
    }

    /// Problems without the name of the temporary file.
    var problems: [String] {
        (error?.problems ?? [])
            .map { problem in
                guard let start = problem.lastIndex(of: "("), problem.hasSuffix("shop.yaml)") else {
                    return problem
                }
                return problem[..<start] + "(file)"
            }
    }
}

@Suite("Settings")
struct SettingsTests {
    @Test("defaults hold where nothing is given")
    func defaults() async throws {
        let read = try await Read()
        #expect(read.error == nil)
        #expect(read.port == 8_001)
        #expect(read.drain == .seconds(25))
        #expect(read.broker?.endpoints == [Endpoint(host: "127.0.0.1", port: 5672)])
        #expect(read.database == .sqlite(path: ".run/shop.db"))
    }

    @Test("a flag beats the environment, which beats the file")
    func precedence() async throws {
        let yaml = "http:\n  port: 1\nshop:\n  name: \"from file\"\nworker:\n  drain: 3s\n"
        let environment = ["HTTP_PORT": "2", "SHOP_NAME": "from environment"]
        let read = try await Read(["--http-port", "3"], environment: environment, yaml: yaml)
        #expect(read.error == nil)
        #expect(read.port == 3)
        #expect(read.name == "from environment")
        #expect(read.drain == .seconds(3))
    }

    @Test("a flag's value may follow it or an equals sign, and may hold commas and equals signs")
    func flagForms() async throws {
        #expect(try await Read(["--shop-name=a,b=c"]).name == "a,b=c")
        #expect(try await Read(["--shop-name", "a, b"]).name == "a, b")
        #expect(try await Read(["--shop-name", "-x"]).name == "-x")
    }

    @Test("an empty variable counts as unset, an empty flag does not")
    func empty() async throws {
        #expect(try await Read(environment: ["HTTP_PORT": ""]).port == 8_001)
        let read = try await Read(["--http-port="])
        #expect(read.problems == ["http.port: must not be empty (--http-port)"])
    }

    @Test("all problems are named at once, each with its key and rule")
    func allAtOnce() async throws {
        let read = try await Read(
            ["--http-port", "80a", "--htp-port", "1", "--log-format=xml"],
            environment: [
                "WORKER_DRAIN": "5 seconds", "UNRELATED": "x", "DATABASE_URL": "mysql://me:hunter2@h/d",
            ],
            yaml: "rabbitmq:\n  url: \"http://me:hunter2@host\"\nshop:\n  nmae: x\nhttp: 5\n"
        )
        #expect(
            read.problems == [
                "--htp-port: is no flag of shop, did you mean --http-port?",
                "http.port: must be a whole number from 1 to 65535, not \"80a\" (--http-port)",
                "worker.drain: must be a whole number and a unit: 250ms, 5s, 2m or 1h, not \"5 seconds\" "
                    + "(WORKER_DRAIN)",
                "rabbitmq.url: must start with amqp:// or amqps:// (file)",
                "database.url: must begin with sqlite: or postgres:// (DATABASE_URL)",
                "log.format: must be one of pretty, json, not \"xml\" (--log-format)",
                "http: is a section, not a value (file)",
                "shop.nmae: is no setting of shop, did you mean shop.name? (file)",
            ]
        )
        #expect(read.error?.exitCode == .settings)
        #expect(read.error?.explanation.contains("hunter2") == false)
    }

    @Test("only the command line's form being wrong is a usage error")
    func usage() async throws {
        let read = try await Read([
            "--colour", "red", "stray", "--http-port", "1", "--http-port", "2", "--shop-name",
        ])
        #expect(read.error?.exitCode == .usage)
        #expect(
            read.problems == [
                "argument 3: belongs to no flag, \"stray\"", "--http-port: is given more than once",
                "--shop-name: needs a value", "--colour: is no flag of shop",
            ]
        )
    }

    @Test("a stray argument that may hold a password is not repeated")
    func strayURL() async throws {
        let read = try await Read(["amqp://me:hunter2@host"])
        #expect(read.problems == ["argument 1: belongs to no flag"])
    }

    @Test("a file that is no YAML is one problem among the others, and is not quoted")
    func malformedFile() async throws {
        let read = try await Read(["--http-port=x"], yaml: "rabbitmq:\n  url: 'hunter2\n :: [\n")
        #expect(read.problems.count == 2)
        #expect(read.error?.explanation.contains("shop.yaml: is not sections of `key: value`") == true)
        #expect(read.error?.explanation.contains("hunter2") == false)
    }

    @Test(
        "an empty file, and a section whose keys are comments, are fine",
        arguments: ["", "# x\n\n", "http:\n"]
    )
    func emptyFile(yaml: String) async throws {
        #expect(try await Read(yaml: yaml).error == nil)
    }

    @Test("a list in the file is read like its comma-separated form")
    func list() async throws {
        let read = try await Read(yaml: "rabbitmq:\n  url: [\"amqp://a\", \"amqp://b\"]\n")
        #expect(read.broker?.endpoints.map(\.host) == ["a", "b"])
    }

    @Test("help names every flag with its default")
    func help() async throws {
        let help = try await Read().help
        for line in ["--http-port", "[8001]", "--rabbitmq-url", "--config-directory", "sqlite:.run/shop.db"] {
            #expect(help.contains(line), "\(line)")
        }
    }

    @Test("control characters in a bad value do not reach the terminal")
    func controlCharacters() async throws {
        let read = try await Read(["--http-port", "\u{1B}[31m\n"])
        #expect(read.error?.explanation.contains("\u{1B}") == false)
        #expect(read.problems.first?.contains("\\u{1b}[31m\\n") == true)
    }
}
