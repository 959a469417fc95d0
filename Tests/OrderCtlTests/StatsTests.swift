import Testing

@testable import OrderCtl

@Suite("What orderctl stats prints")
struct StatsTests {
    private static let answer = #"""
        {"since":"2026-01-02T03:00:00.000Z","until":"2026-01-02T03:09:30.000Z","bucket_seconds":60,
        "totals":[{"currency":"USD","orders":5,"units":9,"revenue":1999.9,"average_basket":399.98}],
        "cohorts":[{"cohort":"first","currency":"USD","orders":4,"units":8,"revenue":1990,"average_basket":497.5},
        {"cohort":"repeat","currency":"USD","orders":1,"units":1,"revenue":9.9,"average_basket":9.9}],
        "products":[{"product_id":7,"currency":"USD","orders":5,"units":9,"revenue":1999.9,"average_basket":399.98}],
        "series":[{"at":"2026-01-02T03:01:00.000Z","currency":"USD","orders":1,"units":1,"revenue":9.9},
        {"at":"2026-01-02T03:04:00.000Z","currency":"USD","orders":4,"units":8,"revenue":1990}]}
        """#

    @Test("totals, cohorts, products and a chart of every minute, gaps included, without colour for a pipe")
    func report() throws {
        let text = try StatsReport(Array(Self.answer.utf8)).text(width: 60, isColoured: false)
        #expect(
            text == """
                Orders since 2026-01-02T03:00:00.000Z, read at 2026-01-02T03:09:30.000Z

                CURRENCY  ORDERS  UNITS  REVENUE  AVERAGE BASKET
                USD            5      9  1999.90          399.98

                COHORT  CURRENCY  ORDERS  UNITS  REVENUE  AVERAGE BASKET
                first   USD            4      8  1990.00          497.50
                repeat  USD            1      1     9.90            9.90

                PRODUCT  CURRENCY  ORDERS  UNITS  REVENUE  AVERAGE BASKET
                      7  USD            5      9  1999.90          399.98

                Orders per minute, UTC
                4 ┤                ████
                  ┤                ████
                  ┤                ████
                  ┤                ████
                  ┤                ████
                  ┤                ████
                  ┤    ████        ████
                  ┤    ████        ████
                0 ┼────────────────────────────────────────
                   03:00                              03:09
                """
        )
    }

    @Test("no orders are no error, and no table")
    func nothing() throws {
        let none = #"""
            {"since":null,"until":"2026-01-02T03:09:30.000Z","bucket_seconds":60,"totals":[],"cohorts":[],"products":[],
            "series":[]}
            """#
        let report = try StatsReport(Array(none.utf8))
        #expect(report.text(width: 60, isColoured: false) == "No orders are counted yet.")
    }

    @Test("an answer of something else is no report", arguments: ["", "{}", #"{"status":"ok"}"#, "zero"])
    func foreign(text: String) {
        let body = text == "zero" ? Self.answer.replacing(":60,", with: ":0,") : text
        let error = #expect(throws: CommandError.self) { try StatsReport(Array(body.utf8)) }
        #expect(error?.code == 69)
    }

    @Test(
        "a chart is never wider than asked for, and shows whatever is more than nothing",
        arguments: [20, 79, 200]
    )
    func width(width: Int) {
        for count in [1, 2, 10, 100, 1_440, 5_000] {
            var values = [Int64](repeating: 0, count: count)
            values[count / 2] = 1
            values[0] = 1_000_000
            let chart = BarChart(values: values, width: width, isColoured: false)
            let lines = chart.lines(from: "03:00", to: "04:00")
            #expect(lines.allSatisfy { $0.count <= width }, "\(count)")
            #expect(chart.bucketsPerBar * (width) >= count)
            if chart.bucketsPerBar < count / 2, count > 2 {
                #expect(lines[BarChart.height - 1].contains("▁"), "one order among a million is seen")
            }
        }
    }

    @Test("colour is for people only")
    func colour() {
        let coloured = BarChart(values: [1], width: 20, isColoured: true).lines(from: "a", to: "b")
        #expect(coloured[0].contains("\u{1B}[36m████\u{1B}[0m"))
    }

    @Test("a time with an offset survives the query, and nothing else can be slipped into it")
    func encoding() {
        #expect(StatsClient.encoded("2026-01-02T03:04:05+01:00") == "2026-01-02T03%3A04%3A05%2B01%3A00")
        #expect(StatsClient.encoded("1h&top=9 é²") == "1h%26top%3D9%20%C3%A9%C2%B2")
    }

    @Test("the workers of a service are found in up.json, and no other's")
    func addresses() {
        let file = UpFile(
            orderService: "http://x",
            rabbitmq: "amqp://x",
            management: "http://x",
            processes: [
                .init(name: "analytics-worker-1", pid: 1, admin: "http://127.0.0.1:1"),
                .init(name: "analytics-worker-2", pid: 2),
                .init(name: "analytics-eu-worker-1", pid: 3, admin: "http://127.0.0.1:3"),
            ]
        )
        #expect(file.adminAddresses(of: "analytics") == ["http://127.0.0.1:1"])
    }

    @Test("without an address, or where nobody answers, the end is 69 and says what to do")
    func nobody() async {
        for addresses in [[], ["http://127.0.0.1:1"]] {
            let error = await #expect(throws: CommandError.self) {
                try await StatsClient(addresses: addresses).read(since: nil, top: 10)
            }
            #expect(error?.code == 69)
            #expect(error?.message.contains("nalytics worker") == true)
        }
    }
}
