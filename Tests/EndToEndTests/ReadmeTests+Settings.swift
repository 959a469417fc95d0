import OrderEvents
import RabbitMQNode
import TestSupport
import Testing

extension ReadmeTests {
    static let settingsPage = "Sources/WorkQueue/WorkQueue.docc/Settings.md"

    private struct Setting: Hashable {
        var key: String
        var value: String
    }

    private static let programs = [
        "order-service", "notification-worker", "inventory-worker", "analytics-worker", "loyalty-worker",
    ]

    @Test(
        "each setting that a program's help names is on the page of settings, with its default",
        arguments: programs
    )
    func settings(program: String) async throws {
        let rows = try Self.rows(of: Self.settingsPage)
        for setting in try await Self.settings(of: program) {
            let row = rows.first { $0.key == setting.key }
            #expect(row == setting, "\(program) has \(setting)")
        }
    }

    @Test("no page has a setting that no program has, and the README has what is on the page of settings")
    func staleSettings() async throws {
        var known: Set<Setting> = []
        for program in Self.programs { known.formUnion(try await Self.settings(of: program)) }
        let orderctl: Set = ["order.service.url", "order.service.key", "management.url", "analytics.url"]
        let rows = try Self.rows(of: Self.settingsPage)
        for row in rows where !orderctl.contains(row.key) {
            #expect(known.contains(row), "no program has \(row)")
        }
        #expect(Set(rows.map(\.key)).isSuperset(of: orderctl))
        let shown = try Self.rows(of: "README.md")
        #expect((8...10).contains(shown.count))
        for row in shown { #expect(rows.contains(row), "the page of settings has no \(row)") }
    }

    @Test("the mail settings shown send a mail, through STARTTLS and a login", .broker)
    func mail() async throws {
        let block = try #require(page.blocks.first { $0.text.hasPrefix("NOTIFICATION_TRANSPORT=") })
        var settings: [String: String] = [:]
        for setting in block.text.matches(of: /([A-Z_]+)=(?:'([^']*)'|([^ ]+))/) {
            settings[String(setting.1)] = String(setting.2 ?? setting.3 ?? "")
        }
        let login = try [#require(settings["SMTP_USER"]), #require(settings["SMTP_PASSWORD"])]
        let directory = try await PythonServer.certified()
        let options = ["--tls", "starttls", "--login"] + login
        try await PythonServer.run("smtp_server", options, in: directory) { python in
            #expect(settings["SMTP_URL"] == "smtp://mail.example.com:587")
            settings["SMTP_URL"] = "smtp://localhost:\(python.port)"
            settings["SMTP_CA_FILE"] = directory.text(of: "cert.pem")
            try await NotificationRig.run(settings) { rig in
                try await rig.worker { worker in
                    try await rig.publish(NotificationRig.order(1).json(), id: "event-1")
                    try await eventually("the mail is there; the worker said:\n\(worker.transcript)") {
                        try python.events("mail").count == 1
                    }
                }
            }
            let mail = try #require(python.events("mail").first)
            #expect(mail.tls == true && mail.authenticated == true && mail.sender == "orders@example.com")
            #expect(try python.mails().first?.contains(#"From: "Shop" <orders@example.com>"#) == true)
        }
    }

    /// What `--help` says.
    private static func settings(of program: String) async throws -> [Setting] {
        let help = try await ProgramUnderTest.run(program, ["--help"])
        let keys = try help.output.matches(of: /\n  --([a-z-]+) +[^\n]*\[([^\]\n]*)\]/)
            .map { flag in
                let shown = flag.2.replacing(/\.run\/[a-z-]+\.db/, with: ".run/<service>.db")
                return Setting(key: try key(of: String(flag.1)), value: String(shown))
            }
        #expect(keys.count > 5)
        return keys
    }

    /// The key of a flag; the one key with a hyphen keeps it.
    private static func key(of flag: String) throws -> String {
        flag == "worker-broker-filter" ? "worker.broker-filter" : flag.replacing("-", with: ".")
    }

    /// The tables of settings of a page.
    private static func rows(of path: String) throws -> [Setting] {
        try ReadmePage(path).prose
            .compactMap { $0.firstMatch(of: /^\| `([a-z.-]+)` \| ([^|]+) \|/) }
            .map { Setting(key: String($0.1), value: String($0.2.replacing("`", with: ""))) }
    }
}
