import FoundationEssentials
import RabbitMQ
import Testing
import WorkQueue

@testable import OrderCtl

@Suite("The doctor")
struct DoctorTests {
    private let topology = Topology.service("inventory", of: "orders.events", retry: .standard)

    private func facts(_ change: (inout BrokerFacts) -> Void = { _ in }) -> BrokerFacts {
        var facts = BrokerFacts(
            overview: .init(version: "3.10.8"),
            nodes: [
                .init(
                    name: "rabbit@one",
                    running: true,
                    memoryAlarm: false,
                    diskAlarm: false,
                    partitions: [],
                    plugins: ["rabbitmq_management"]
                )
            ],
            queues: [.init(name: "inventory")],
            permissions: .init(configure: ".*", write: ".*", read: ".*")
        )
        change(&facts)
        return facts
    }

    private func findings(
        _ facts: BrokerFacts,
        _ differences: [TopologyCheck.Difference] = []
    ) -> [Finding] {
        BrokerExamination(facts: facts, topology: topology, differences: differences, user: "guest").findings
    }

    private func problems(_ facts: BrokerFacts) -> [String] {
        findings(facts).filter { $0.state != .ok }.map { "\($0.check): \($0.detail)" }
    }

    @Test("a healthy broker has no finding but good ones")
    func healthy() {
        #expect(findings(facts()).allSatisfy { $0.state == .ok && $0.remedy == nil })
        #expect(findings(facts()).count == 5)
    }

    @Test(
        "versions are compared as numbers",
        arguments: [("3.9.29", false), ("3.10.0", true), ("4.1.3", true), ("3.8", false), ("", false)]
    )
    func version(text: String, isGood: Bool) {
        #expect(problems(facts { $0.overview.version = text }).isEmpty == isGood)
    }

    @Test("alarms, partitions and nodes that are down are named with the node")
    func nodes() {
        let ill = facts {
            $0.nodes[0].memoryAlarm = true
            $0.nodes[0].diskAlarm = true
            $0.nodes[0].partitions = ["rabbit@two"]
            $0.nodes.append(.init(name: "rabbit@two", running: false))
        }
        #expect(
            problems(ill) == [
                "node rabbit@one: memory alarm", "node rabbit@one: disk alarm",
                "node rabbit@one: is cut off from rabbit@two", "node rabbit@two: is down",
            ]
        )
    }

    @Test("messages without a consumer are a problem, dead letters a warning, waiting retries neither")
    func queues() {
        let findings = QueueDepth.findings([
            QueueDepth(name: "inventory", messages: 12, consumers: 0),
            QueueDepth(name: "notification", messages: 12, consumers: 1),
            QueueDepth(name: "inventory.dead", messages: 1, consumers: 0),
            QueueDepth(name: "inventory.retry.5s", messages: 7, consumers: 0),
            QueueDepth(name: "loyalty.dead", messages: 2, consumers: 0),
        ])
        #expect(
            findings.map { "\($0.state.rawValue) \($0.check): \($0.detail)" } == [
                "problem queue inventory: 12 messages wait and nobody consumes",
                "warning queue inventory.dead: 1 dead letter", "warning queue loyalty.dead: 2 dead letters",
            ]
        )
        #expect(QueueDepth.findings([QueueDepth(name: "x", messages: 0, consumers: 0)]).map(\.state) == [.ok])
    }

    @Test("permissions are judged as the broker does: searched, an empty pattern is nothing")
    func permissions() {
        #expect(BrokerExamination.matches("inventory.dead", "^inventory"))
        #expect(!BrokerExamination.matches("inventory", "^$"))
        #expect(!BrokerExamination.matches("inventory", ""))
        #expect(!BrokerExamination.matches("inventory", "("))
        #expect(problems(facts { $0.permissions = nil }).count == 1)
        let reader = facts { $0.permissions = .init(configure: "", write: "^orders", read: ".*") }
        #expect(
            problems(reader) == [
                "permissions: guest may not configure orders.events, inventory.failures, inventory.dead; "
                    + "write inventory.failures, inventory.dead, inventory"
            ]
        )
    }

    @Test("a service's login is judged by its own work: what it lacks, and what it may do beside it")
    func logins() {
        let least = ServicePermissions(of: "inventory", publishingTo: ["orders.outcomes", "orders.events"])
        func said(_ change: (inout BrokerFacts.Login) -> Void) -> [String] {
            var login = BrokerFacts.Login(
                user: "inventory",
                configure: least.configure,
                write: least.write,
                read: least.read
            )
            change(&login)
            let findings = LoginExamination(logins: [login], topology: topology).findings
            return findings.map { "\($0.state.rawValue) \($0.check): \($0.detail)" }
        }
        #expect(said { _ in } == ["ok logins: each service's may do its own work and nothing else"])
        #expect(
            said { $0.read = "^$" }
                == ["problem login inventory: may not read inventory, which its work needs"]
        )
        #expect(
            said { $0.write = #"^inventory\.failures$"# }
                == ["problem login inventory: may not write orders.outcomes, which its work needs"]
        )
        #expect(
            said { ($0.configure, $0.read) = ("^inventory$", "^inventory") } == [
                "warning login inventory: may also configure inventory; "
                    + "read inventory.failures, inventory.dead, inventory.retry.1s and 4 more"
            ]
        )
        #expect(
            said { $0.write = ".*" } == [
                "warning login inventory: may also write amq.default, inventory.dead, inventory and 5 more"
            ]
        )
        #expect(said { $0.user = "guest" } == ["warning login guest: everybody knows its password"])
        #expect(said { $0.user = "somebody" }.isEmpty, "nobody's business")
    }

    @Test("a service's login that lacks something is mended without taking what else it publishes")
    func remedy() {
        let login = BrokerFacts.Login(
            user: "inventory",
            configure: "^$",
            write: #"^orders\.events$"#,
            read: "^inventory$"
        )
        let finding = LoginExamination(logins: [login], topology: topology).findings.first
        #expect(
            finding?.remedy
                == #"rabbitmqctl set_permissions inventory '^$' '^(inventory\.failures|orders\.events|orders\.outcomes)$' "#
                + "'^inventory$'"
        )
        let facts = facts { $0.logins = [login] }
        let own = BrokerExamination(facts: facts, topology: topology, differences: [], user: "inventory")
        #expect(own.findings.contains { $0.check == "permissions" && $0.state == .warning })
    }

    @Test("a difference says what is found, what should be, and how to mend it")
    func differences() {
        let differences = [
            TopologyCheck.Difference(
                object: "queue inventory",
                what: "existence",
                expected: "present",
                found: "absent"
            ),
            TopologyCheck.Difference(
                object: "queue inventory.dead",
                what: "argument x-queue-type",
                expected: "\"quorum\"",
                found: "\"classic\""
            ),
        ]
        let found = findings(facts(), differences).filter { $0.state == .problem }
        #expect(
            found.map(\.detail) == [
                "is missing", "argument x-queue-type is \"classic\", should be \"quorum\"",
            ]
        )
        #expect(found[0].remedy == "orderctl topology apply")
    }

    @Test("clocks are compared through HTTP dates")
    func clock() throws {
        let now = try #require(ClockExamination.parse("Sun, 06 Nov 1994 08:49:37 GMT"))
        #expect(now.timeIntervalSince1970 == 784_111_777)
        #expect(ClockExamination.finding("it", date: "Sun, 06 Nov 1994 08:49:39 GMT", now: now)?.state == .ok)
        let ahead = ClockExamination.finding("it", date: "Sun, 06 Nov 1994 08:51:37 GMT", now: now)
        #expect(ahead?.detail == "120 s ahead of this machine's")
        #expect(ClockExamination.finding("it", date: nil, now: now) == nil)
        #expect(ClockExamination.parse("yesterday") == nil)
    }

    @Test("findings line up, and what mends neighbours stands below them once")
    func text() {
        let findings: [Finding] = [
            .ok("broker", "fine"), .problem("queue x", "is missing", remedy: "orderctl topology apply"),
            .problem("queue y", "is missing", remedy: "orderctl topology apply"),
        ]
        #expect(
            findings.text == """
                ✓ broker   fine
                ✗ queue x  is missing
                ✗ queue y  is missing
                  → orderctl topology apply
                """
        )
    }
}
