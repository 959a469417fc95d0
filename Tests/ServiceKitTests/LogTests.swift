import Foundation
import Logging
import Synchronization
import Testing

@testable import ServiceKit

/// Keeps what was logged.
private final class Lines: Sendable {
    private let records = Mutex<[String]>([])

    var output: LogOutput {
        LogOutput { bytes in self.records.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
    }

    var all: [String] { records.withLock { $0 } }

    func logger(_ format: LogFormat, level: Logger.Level = .info) -> Logger {
        let time: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_767_323_045.678) }
        var logger = Logger(label: "shop") { [output] _ in
            switch format {
            case .json: JSONLogHandler(label: "shop", level: level, output: output, now: time)
            case .pretty: PrettyLogHandler(level: level, style: .plain, output: output, now: time)
            }
        }
        logger.logLevel = level
        return logger
    }
}

private let box = Announcement(
    "Stock updated",
    title: "📦 INVENTORY: Updated product 1",
    lines: ["Product: Laptop", "Quantity sold: 2", "Remaining stock: 48"],
    fields: ["product_id": .stringConvertible(1), "product": "Laptop", "done": .stringConvertible(true)]
)

@Suite("The log")
struct LogTests {
    @Test("a JSON line has the four fields first, then metadata by name, numbers as numbers")
    func jsonGolden() {
        let lines = Lines()
        lines.logger(.json)
            .info("Ready", metadata: ["zone": "a", "count": .stringConvertible(3), "level": "x"])
        #expect(
            lines.all == [
                #"{"time":"2026-01-02T03:04:05.678Z","level":"info","logger":"shop","message":"Ready","#
                    + #""count":3,"field.level":"x","zone":"a"}"# + "\n"
            ]
        )
    }

    @Test("whatever is logged, JSON is one line that parses back to the same text")
    func jsonHostile() throws {
        let hostile = "a\"b\\c\nd\r\te\u{0}\u{1B}[2J\u{7F}\u{85}\u{2028}\u{202E}\u{1F600} é"
        let lines = Lines()
        lines.logger(.json)
            .error(
                "\(hostile)",
                metadata: [
                    "\(hostile)": "\(hostile)", "list": ["\(hostile)", ["in": "x"]],
                    "bad": .stringConvertible(Double.nan),
                ]
            )
        let line = try #require(lines.all.first)
        #expect(line.unicodeScalars.dropLast().allSatisfy { !LogText.isUnsafe($0) })
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["message"] as? String == hostile)
        #expect(object?[hostile] as? String == hostile)
        #expect(object?["bad"] as? String == "nan")
    }

    @Test("the pretty log prints an announcement exactly as the box it is")
    func prettyBox() {
        let lines = Lines()
        lines.logger(.pretty).announce(box)
        #expect(
            lines.all == [
                """
                📦 INVENTORY: Updated product 1
                   Product: Laptop
                   Quantity sold: 2
                   Remaining stock: 48

                """
            ]
        )
    }

    @Test("the JSON log writes an announcement as one object with its facts")
    func jsonBox() {
        let lines = Lines()
        lines.logger(.json).announce(box)
        #expect(
            lines.all == [
                #"{"time":"2026-01-02T03:04:05.678Z","level":"info","logger":"shop","message":"Stock updated","#
                    + #""done":true,"product":"Laptop","product_id":1}"# + "\n"
            ]
        )
    }

    @Test("a value cannot forge a second box or line")
    func prettyInjection() {
        let lines = Lines()
        let logger = lines.logger(.pretty)
        logger.announce(Announcement(title: "a\nb", lines: ["c\u{1B}[31m\r\nd"]))
        logger.warning("x\ny", metadata: ["k": "v\nw", "plain": "1", "empty": "", "spaced": "a \"b\""])
        #expect(
            lines.all == [
                "a\\nb\n   c\\u{1b}[31m\\r\\nd\n",
                "03:04:05.678Z WARN  x\\ny  empty=\"\" k=v\\nw plain=1 spaced=\"a \\\"b\\\"\"\n",
            ]
        )
    }

    @Test("an announcement below the level is dropped")
    func level() {
        let lines = Lines()
        lines.logger(.pretty, level: .warning).announce(box)
        #expect(lines.all.isEmpty)
    }

    @Test(
        "times are right at leap days and year ends",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_767_225_599.999, "2025-12-31T23:59:59.999Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
        ]
    )
    func times(seconds: Double, expected: String) {
        #expect(LogTime.text(Date(timeIntervalSince1970: seconds)) == expected)
    }
}
