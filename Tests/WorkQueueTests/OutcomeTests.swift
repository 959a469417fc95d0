import FoundationEssentials
import Testing

@testable import WorkQueue

@Suite("Outcomes")
struct OutcomeTests {
    private func outcome(_ number: Int, detail: String? = nil, nextAt: Int64? = nil) -> Outcome {
        Outcome(
            eventID: "event \(number)",
            eventType: "order.created",
            subject: number.isMultiple(of: 2) ? "order \(number)" : nil,
            state: Outcome.State.allCases[number % Outcome.State.allCases.count],
            attempt: number + 1,
            at: 1_767_323_045_678 + Int64(number),
            nextAt: nextAt,
            detail: detail
        )
    }

    @Test("a batch reads back as it was written, whatever its texts hold")
    func roundTrip() throws {
        let details = [nil, "Remaining stock: 48", "\"quoted\" \\ é 漢 🙂 </script>", ""]
        let batch = OutcomeBatch(
            service: "inven\"tory",
            outcomes: details.enumerated().map { outcome($0, detail: $1, nextAt: $0 == 1 ? 5 : nil) }
        )
        #expect(try JSONDecoder().decode(OutcomeBatch.self, from: Data(batch.json())) == batch)
        let empty = OutcomeBatch(service: "x", outcomes: [])
        #expect(try JSONDecoder().decode(OutcomeBatch.self, from: Data(empty.json())) == empty)
    }

    @Test("the wire has the names that are documented")
    func wire() {
        let batch = OutcomeBatch(
            service: "inventory",
            outcomes: [
                Outcome(
                    eventID: "e",
                    eventType: "order.created",
                    subject: "o",
                    state: .deadLettered,
                    attempt: 6,
                    at: 7,
                    detail: "d"
                )
            ]
        )
        #expect(
            String(decoding: batch.json(), as: UTF8.self) == """
                {"service":"inventory","outcomes":[{"event_id":"e","event_type":"order.created","subject":"o",\
                "state":"dead-lettered","attempt":6,"at":7,"detail":"d"}]}
                """
        )
    }

    @Test("waiting outcomes are bounded, keep their order, and the oldest make room")
    func buffer() {
        let buffer = OutcomeBuffer()
        for number in 0..<OutcomeBuffer.limit { #expect(buffer.append(outcome(number)) == 0) }
        #expect(buffer.append(outcome(OutcomeBuffer.limit)) == OutcomeBuffer.drop)
        let first = OutcomeBuffer.drop
        #expect(buffer.take(upTo: 256).map(\.eventID) == (first..<first + 256).map { "event \($0)" })
        buffer.finish()
        #expect(buffer.append(outcome(2)) == 1)
        let rest = buffer.take(upTo: .max)
        #expect(rest.count == OutcomeBuffer.limit + 1 - first - 256)
        #expect(rest.last?.eventID == "event \(OutcomeBuffer.limit)")
        #expect(buffer.take(upTo: 256).isEmpty)
    }

    @Test("a state that is not known yet is left out, and takes no other outcome with it")
    func unknownState() throws {
        let text = """
            {"service":"x","outcomes":[{"event_id":"a","event_type":"t","state":"delegated","attempt":1,"at":1},
            {"event_id":"b","event_type":"t","state":"done","attempt":1,"at":1}]}
            """
        let batch = try JSONDecoder().decode(OutcomeBatch.self, from: Data(text.utf8))
        #expect(batch.outcomes.map(\.eventID) == ["b"])
        let long = String(repeating: "x", count: 3_000)
        let loud = text.replacing("\"at\":1}]", with: "\"at\":1,\"detail\":\"\\u001b[31m\(long)\"}]")
        let quiet = try JSONDecoder().decode(OutcomeBatch.self, from: Data(loud.utf8)).outcomes[0].detail
        #expect(quiet == " [31m" + long.prefix(251))
        #expect(throws: DecodingError.self) {
            let wrong = #"{"service":"x","outcomes":[{"state":"done"}]}"#
            _ = try JSONDecoder().decode(OutcomeBatch.self, from: Data(wrong.utf8))
        }
    }

    @Test("a note is one line of at most 256 bytes")
    func note() {
        #expect(OutcomeNote("a\nb\u{0}c").text == "a b c")
        #expect(OutcomeNote(String(repeating: "é", count: 200)).text.utf8.count == 256)
    }
}
