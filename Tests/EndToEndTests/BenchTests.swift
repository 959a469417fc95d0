import Curl
import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

@Suite("orderctl bench on a private system", .serialized, .brokerInstalled)
struct BenchTests {
    /// The parts of what `orderctl bench … --json` prints whose figures must add up.
    private struct Load: Decodable {
        var begun: Int
        var accepted: Int
        var statuses: [String: Int]
        var failures: [String: Int]
        var unsent: Int
        var seconds: Double
    }

    private struct Latency: Decodable {
        var count: Int
        var p50_ms: Double
        var p90_ms: Double
        var p99_ms: Double
        var max_ms: Double
    }

    private struct Second: Decodable { var count: Int }

    private struct HTTP: Decodable {
        var load: Load
        var latency: Latency
        var timeline: [Second]
    }

    private struct Flow: Decodable {
        var load: Load
        var answer: Latency
        var effect: Latency
        var flow: Latency
        var timeline: [Second]
        var complete: Int
        var missing: Int
        var outcomes: [String: Int]
    }

    private struct Publish: Decodable {
        var messages: Int
        var outcomes: [String: Int]
    }

    private struct Consume: Decodable {
        var messages: Int
        var filled: Int
        var handled: Int
        var left: Int
    }

    private func check(_ load: Load, _ latency: Latency, _ timeline: [Second]) {
        #expect(load.accepted > 0 && load.statuses == ["201": load.accepted])
        #expect(load.begun == load.accepted + load.failures.values.reduce(0, +))
        #expect(latency.count == load.accepted)
        #expect(timeline.reduce(0) { $0 + $1.count } == latency.count)
        #expect(latency.p50_ms <= latency.p90_ms && latency.p90_ms <= latency.p99_ms)
        #expect(latency.p99_ms <= latency.max_ms && load.seconds >= 1)
    }

    @Test("the four commands measure a real system, their figures add up, and nothing of theirs is left")
    func allFour() async throws {
        try await OrderSystem.run { system in
            let closed = try await system.orderctl("bench", "http", "--for=1s", "--connections=2", "--json")
            #expect(closed.exit == .code(0), "\(closed.error)")
            let http = try decode(HTTP.self, closed.output)
            check(http.load, http.latency, http.timeline)

            let opened = try await system.orderctl("bench", "http", "--rate", "50", "--for", "2s", "--json")
            let paced = try decode(HTTP.self, opened.output)
            check(paced.load, paced.latency, paced.timeline)
            #expect(paced.load.begun + paced.load.unsent == 100)

            // The orders above fill the workers' queues first.
            try await system.settled()
            try await flow(system)
            try await publish(system)
            try await consume(system)
            let left = try await system.management("GET", "queues/%2F").text
            #expect(!left.contains("orderctl.bench"))
            let exchanges = try await system.management("GET", "exchanges/%2F").text
            #expect(!exchanges.contains("orderctl.bench"))
        }
    }

    private func flow(_ system: OrderSystem) async throws {
        let finished = try await system.orderctl("bench", "flow", "--rate", "30", "--for", "2s", "--json")
        #expect(finished.exit == .code(0), "\(finished.error) \(finished.output)")
        let flow = try decode(Flow.self, finished.output)
        #expect(flow.load.begun + flow.load.unsent == 60 && flow.answer.count == flow.load.accepted)
        #expect(flow.complete == flow.load.accepted && flow.missing == 0)
        #expect(flow.flow.count == flow.complete && flow.effect.count == flow.complete)
        #expect(flow.timeline.reduce(0) { $0 + $1.count } == flow.complete)
        for service in ["inventory", "notification"] {
            let ended = ["done", "rejected"].reduce(0) { $0 + (flow.outcomes["\(service) \($1)"] ?? 0) }
            #expect(ended == flow.complete, "\(flow.outcomes)")
        }
    }

    private func publish(_ system: OrderSystem) async throws {
        for (target, outcome) in [("nowhere", "unroutable"), ("queue", "confirmed"), ("fanout", "confirmed")]
        {
            let finished = try await system.orderctl(
                "bench",
                "publish",
                "--messages=1003",
                "--window=50",
                "--to=\(target)",
                "--json"
            )
            #expect(finished.exit == .code(0), "\(finished.error)")
            let report = try decode(Publish.self, finished.output)
            #expect(report.outcomes == [outcome: 1_003] && report.messages == 1_003)
        }
    }

    private func consume(_ system: OrderSystem) async throws {
        let finished = try await system.orderctl("bench", "consume", "--messages", "2000", "--json")
        #expect(finished.exit == .code(0), "\(finished.error)")
        let report = try decode(Consume.self, finished.output)
        #expect(report.filled == 2_000 && report.handled == 2_000 && report.left == 0)
    }

    @Test("Ctrl-C ends a measurement early: it reports, and deletes what it made")
    func interrupted() async throws {
        let noWorkers = [
            "--inventory-workers", "0", "--notification-workers", "0", "--analytics-workers", "0",
        ]
        try await OrderSystem.run(noWorkers) { system in
            let place = ["UP_DIRECTORY": system.directory.text]
            let arguments = [
                ["http", "--for", "10m"], ["publish", "--messages", "10000000", "--window", "10"],
            ]
            for words in arguments {
                try await ProgramUnderTest.with("orderctl", ["bench"] + words, environment: place) {
                    program in
                    if words[0] == "publish" {
                        try await eventually("messages come") {
                            try await system.management("GET", "queues/%2F").text.contains("orderctl.bench")
                        }
                    } else {
                        _ = try await program.line(containing: "Placing orders")
                    }
                    program.process.send(2)
                    let exit = try await program.exit()
                    #expect(exit == .code(0) || words[0] == "http")
                    #expect(program.lines.contains { $0.contains("interrupted") }, "\(program.transcript)")
                }
            }
            #expect(try await !system.management("GET", "queues/%2F").text.contains("orderctl.bench"))
        }
    }

    @Test("a server that closes, refuses, says nothing or gibberish: every request is in one of the figures")
    func moody() async throws {
        let script = "\(PackageLayout.root)/Tests/Servers/moody_order_server.py"
        try await ProgramUnderTest.with("/usr/bin/python3", [script]) { server in
            let port = try await server.line(containing: "listening on").split(separator: " ").last ?? ""
            let finished = try await ProgramUnderTest.run(
                "orderctl",
                ["bench", "http", "--for=1s", "--connections=3", "--json"],
                environment: [
                    "UP_DIRECTORY": "/nonexistent", "ORDER_SERVICE_URL": "http://localhost:\(port)/shop",
                ]
            )
            #expect(finished.exit == .code(0), "\(finished.error)")
            let http = try decode(HTTP.self, finished.output)
            let answered = http.load.statuses.values.reduce(0, +)
            #expect(http.load.begun == answered + http.load.failures.values.reduce(0, +))
            #expect(Set(http.load.statuses.keys) == ["201", "503"])
            #expect(Set(http.load.failures.keys) == ["broken", "malformed"])
            #expect(
                http.load.statuses["201"] == http.load.accepted && http.latency.count == http.load.accepted
            )
            #expect(http.load.accepted > http.load.statuses["503"] ?? 0)
        }
    }

    @Test("nobody to measure is said in one sentence, with 69")
    func nobody() async throws {
        let nowhere = [
            "UP_DIRECTORY": "/nonexistent", "ORDER_SERVICE_URL": "http://127.0.0.1:1",
            "RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:1/",
        ]
        let finished = try await ProgramUnderTest.run(
            "orderctl",
            ["bench", "http", "--for", "1s"],
            environment: nowhere
        )
        #expect(finished.exit == .code(69) && finished.error.contains("is `orderctl up` running?"))
    }
}
