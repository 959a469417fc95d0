import EventFilter
import Testing

@Suite("Whatever is written")
struct FuzzTests {
    private static let tokens = [
        "total", "gift", "currency", "type", "headers.", "headers[", "body.", "has(", "has", "in", "contains",
        "startsWith", "true", "false", "&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "(", ")", "[", "]",
        ",", ".", "1", "-2.50", "\"text\"", "\"", "\\", "'", "=", "&", "é", "👩‍👩‍👧", "\u{301}", "\r\n", " ", "x",
        "-",
    ]

    @Test("an expression is read or refused at a column that it has", arguments: 0..<16)
    func expressions(seed: UInt64) {
        var random = SplitMix(state: seed)
        var (read, refused) = (0, 0)
        for _ in 0..<1_500 {
            let count = Int.random(in: 1...12, using: &random)
            let words = (0..<count).map { _ in Self.tokens.randomElement(using: &random) ?? "" }
            let text = words.joined(separator: Bool.random(using: &random) ? " " : "")
            check(text) {
                read += 1
            } refused: {
                refused += 1
            }
        }
        for _ in 0..<300 {
            let bytes = (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
            check(String(decoding: bytes, as: UTF8.self)) {
                read += 1
            } refused: {
                refused += 1
            }
        }
        // Both happen, or the words are badly chosen.
        #expect(read > 2)
        #expect(refused > 500)
    }

    private func check(_ text: String, read: () -> Void, refused: () -> Void) {
        do throws(FilterError) {
            let filter = try EventFilter(text, schema: .orders)
            // Twice, so that a run leaves nothing behind.
            #expect(filter.accepts(SampleEvent()) == filter.accepts(SampleEvent()))
            read()
        } catch {
            #expect((1...text.count + 1).contains(error.column), "\(text)")
            #expect(error.illustration.count == 2 && !error.description.contains("\n"), "\(text)")
            refused()
        }
    }

    @Test("a body is judged without a crash, broken or not", arguments: 0..<8)
    func bodies(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let filter = try EventFilter(
            #"total >= 100 && email contains "x" || price in [1, 2] || body.extra != 5"#,
            schema: .orders
        )
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"total\"", "\"email\"", "\"price\"", "\"extra\"", "1e5", "-0",
            "null", "true",
            "\"\\u00e9\"", "\"\\ud83d\"", "\\", "\"", " ", "\u{7F}", "é", "0", "9999999999999999999999",
        ]
        for _ in 0..<2_000 {
            var event = SampleEvent()
            let count = Int.random(in: 0...30, using: &random)
            event.body = (0..<count).flatMap { _ in Array((pieces.randomElement(using: &random) ?? "").utf8) }
            if Bool.random(using: &random) { event.body = Array(SampleEvent.order.utf8) }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !event.body.isEmpty {
                event.body[Int.random(in: 0..<event.body.count, using: &random)] = UInt8.random(
                    in: 0...255,
                    using: &random
                )
            }
            let first = filter.accepts(event)
            #expect(filter.accepts(event) == first)
        }
    }
}
