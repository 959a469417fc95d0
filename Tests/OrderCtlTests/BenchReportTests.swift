import ArgumentParser
import OrderEvents
import Testing
import WorkQueue

@testable import OrderCtl

@Suite("What benchmarks print")
struct BenchReportTests {
    private func record() -> LoadRecord {
        var record = LoadRecord()
        record.begun = 12
        for number in 1...9 {
            record.answered(201, intended: 0, at: Int64(number) * 1_000_000)
        }
        record.answered(503, intended: 0, at: 2_000_000_000)
        record.failed(.timedOut)
        record.failed(.broken)
        record.unsent = 3
        return record
    }

    @Test("every order that was due is in one of the figures, and only accepted ones have a latency")
    func load() throws {
        let report = HTTPReport(
            pace: .open(rate: 5),
            connections: 32,
            record: record(),
            processorSeconds: 0.25,
            wasInterrupted: true
        )
        let figures = [
            "open loop, 5 a second, up to 32 connections, 2.00 s, interrupted", "9, 4.50 a second",
        ]
        for figure in figures { #expect(report.text.contains(figure)) }
        for line in [/answers 503 +1\n/, /no answer, timed out +1\n/, /due, but never sent +3\n/] {
            #expect(report.text.contains(line), "\(report.text)")
        }
        #expect(report.text.contains("p50 5.01, p90 9.00, p99 9.00, p99.9 9.00, max 9.00 ms"))
        let json = try Console.jsonText(report.document)
        #expect(json.contains(#""statuses":{"201":9,"503":1}"#))
        #expect(json.contains(#""failures":{"broken":1,"timed_out":1}"#))
        #expect(
            json.contains(#""loop":"open""#) && json.contains(#""rate":5"#) && json.contains(#""unsent":3"#)
        )
        #expect(json.contains(#""client_cpu_seconds":0.25"#))
    }

    @Test("a line a second with a bar of its 99th percentile; where seconds share a line the worst is shown")
    func plot() {
        func second(_ number: Int, _ p99: Double) -> LatencyTimeline.Second {
            .init(second: number, count: 10, p50: 1, p99: p99, longest: p99 * 2)
        }
        let few = LatencyPlot(seconds: [second(0, 10), second(2, 40)], things: "orders").lines
        #expect(
            few == [
                " second    orders    p50 ms    p99 ms    max ms",
                "      0        10      1.00      10.0      20.0  ██████████",
                "      1         0",
                "      2        10      1.00      40.0      80.0  " + String(repeating: "█", count: 40),
            ]
        )
        let hour = (0..<3_600).map { second($0, $0 == 1_234 ? 500 : 5) }
        let many = LatencyPlot(seconds: hour, things: "orders").lines
        #expect(many.count <= LatencyPlot.height + 1)
        #expect(many.count { $0.contains("500") } == 1)
        #expect(LatencyPlot(seconds: [], things: "orders").lines.isEmpty)
    }

    @Test("numbers have as many digits as they need")
    func digits() {
        let texts = [0, 0.004, 0.054, 9.994, 12.34, 99.96, 123.4, 54_321.6].map(LatencyPlot.milliseconds)
        #expect(texts == ["0.00", "0.00", "0.05", "9.99", "12.3", "100.0", "123", "54322"])
    }

    @Test("publishing is complete where every message had the fate that it should")
    func publishing() throws {
        var report = PublishReport(
            target: .queue,
            messages: 5,
            window: 2,
            size: 10,
            record: PublishRecord(fates: [.confirmed: 5], nanoseconds: 500_000_000),
            processorSeconds: 0,
            wasInterrupted: false
        )
        #expect(report.isComplete && report.text.contains("5, 10.0 a second"))
        #expect(try Console.jsonText(report.document).contains(#""outcomes":{"confirmed":5}"#))
        report.record.fates = [.confirmed: 4]
        #expect(!report.isComplete)
        report.wasInterrupted = true
        #expect(report.isComplete && report.text.contains("0.50 s, interrupted"))
        report.record.fates = [.confirmed: 4, .unknown: 1]
        #expect(!report.isComplete)
        report.target = .nowhere
        report.record.fates = [.unroutable: 5]
        #expect(report.isComplete)
    }

    @Test("consuming is complete where nothing is left")
    func consuming() {
        var report = ConsumeReport(
            messages: 100,
            size: 256,
            prefetch: 64,
            concurrency: 16,
            filling: PublishRecord(fates: [.confirmed: 100], nanoseconds: 1_000_000_000),
            record: .init(handled: 100, first: 0, last: 1_000_000_000),
            left: 0,
            processorSeconds: 0,
            wasInterrupted: false
        )
        #expect(report.isComplete && report.text.contains("100 in 1.00 s: 99.0 a second"))
        report.left = 1
        #expect(!report.isComplete)
    }

    @Test("a flow names what is missing, and is complete only with orders")
    func flow() throws {
        var report = FlowReport(
            pace: .open(rate: 5),
            connections: 32,
            record: record(),
            ledger: FlowLedger(began: 0),
            processorSeconds: 0,
            wasInterrupted: false
        )
        #expect(!report.isComplete)
        let order = UUIDv7.next()
        report.ledger.accepted(order, intended: 0, at: 0)
        report.ledger.outcome(.done, of: order, at: .inventory, .init(decided: 4_000_000, read: 5_000_000))
        #expect(!report.isComplete && report.text.hasSuffix("\(order) without notification"))
        report.ledger.outcome(.done, of: order, at: .notification, .init(decided: 6_000_000, read: 7_000_000))
        #expect(report.isComplete && report.text.contains("p50 7.00"))
        #expect(try Console.jsonText(report.document).contains(#""complete":1"#))
    }

    @Test("a command line that cannot be meant is refused")
    func commandLine() throws {
        #expect(try BenchHTTPCommand.parse([]).rate == nil)
        #expect(try BenchPublishCommand.parse(["--to", "fanout"]).to == .fanout)
        for wrong in [
            ["--rate", "0"], ["--rate", "100001"], ["--for", "ever"], ["--for", "0s"],
            ["--connections", "1001"], ["--product", "0"],
        ] {
            #expect(throws: (any Error).self) { _ = try BenchHTTPCommand.parse(wrong) }
            #expect(throws: (any Error).self) { _ = try BenchFlowCommand.parse(wrong) }
        }
        for wrong in [["--messages", "0"], ["--window", "0"], ["--size", "-1"], ["--to", "space"]] {
            #expect(throws: (any Error).self) { _ = try BenchPublishCommand.parse(wrong) }
        }
        for wrong in [["--size", "15"], ["--prefetch", "2001"], ["--concurrency", "0"]] {
            #expect(throws: (any Error).self) { _ = try BenchConsumeCommand.parse(wrong) }
        }
    }
}
