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
        let details = [nil, "Remaining stock: 48", "\"quoted\" \\ \u{1} \u{7F} é 漢 🙂 </script>", ""]
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

    @Test("waiting outcomes are bounded, keep their order, and come out in batches")
    func buffer() {
        let buffer = OutcomeBuffer()
        for number in 0..<OutcomeBuffer.limit { #expect(buffer.append(outcome(number)) == true) }
        #expect(buffer.append(outcome(0)) == false)
        #expect(buffer.take(upTo: 256).map(\.eventID) == (0..<256).map { "event \($0)" })
        #expect(buffer.append(outcome(1)) == true)
        buffer.finish()
        #expect(buffer.append(outcome(2)) == false)
        #expect(buffer.take(upTo: .max).count == OutcomeBuffer.limit - 255)
        #expect(buffer.take(upTo: 256).isEmpty)
    }

    @Test("a note is one line of at most 256 bytes")
    func note() {
        #expect(OutcomeNote("a\nb\u{0}c").text == "a b c")
        #expect(OutcomeNote(String(repeating: "é", count: 200)).text.utf8.count == 256)
    }
}
