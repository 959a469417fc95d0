import ArgumentParser
import EventLog
import FoundationEssentials
import OrderEvents
import Testing

@testable import OrderCtl

@Suite("orderctl events and show")
struct EventsTests {
    private let now = Timestamp(milliseconds: 1_767_323_045_678)

    @Test("a moment is a time, or how long ago")
    func moments() throws {
        let options = try EventOptions.parse([
            "--since", "1d", "--until", "2026-01-02T03:04:05Z", "--order", "o", "--type", "t",
        ])
        let selection = options.selection(now: now)
        #expect(selection.since?.milliseconds == 1_767_236_645_678)
        #expect(selection.until?.milliseconds == 1_767_323_045_000)
        #expect(selection.order == "o" && selection.type == "t")
        #expect(options.words == "--since 1d --until 2026-01-02T03:04:05Z --type t --order o")
        #expect(
            try EventOptions.parse(["--since", "999999999h"]).selection(now: now).since?.milliseconds == 0
        )
        for wrong in ["soon", "-1d", "1w", "2026-01-02", ""] {
            #expect(throws: (any Error).self) { _ = try EventOptions.parse(["--since=\(wrong)"]) }
        }
    }

    @Test("a replay in the future ends now, and says so wherever it goes on")
    func untilNow() {
        let late = Timestamp(milliseconds: now.milliseconds + 1)
        let replay = EventReplay(to: "a", name: "", EventSelection(until: late), begun: now)
        #expect(replay.selection.until == now)
    }

    @Test("server-sent events are read however they are cut", arguments: [1, 2, 3, 7, 1_000])
    func cuts(size: Int) {
        let text =
            "retry: 2000\n\nid: 1\nevent: journey\ndata: {\"ä\":1}\n\n: \n\n"
            + "id: 2\r\ndata:a\r\ndata: b\r\n\r\nid: 3\n\ndata\n\nevent: lost\ndata: no end"
        let bytes = Array(text.utf8)
        var reader = ServerSentEvents()
        var events: [ServerSentEvents.Event] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += reader.take(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(
            events == [
                .init(name: "journey", data: "{\"ä\":1}", id: "1"),
                .init(name: "message", data: "a\nb", id: "2"), .init(name: "message", data: "", id: "3"),
            ]
        )
        reader.reconnected()
        #expect(reader.take(Array("data: x\n\n".utf8)) == [.init(name: "message", data: "x", id: "3")])
    }

    @Test("a journey is a table by time, in which a step that is told again moves")
    func journey() throws {
        let body = """
            {"id":"x","journey":[
            {"service":"b","state":"done","attempt":1,"at":"2026-01-01T00:00:02.000Z","event_type":"order.created"},
            {"service":"a","state":"retrying","attempt":1,"at":"2026-01-01T00:00:01.000Z","event_type":"order.created",
            "detail":"busy","next_at":"2026-01-01T00:00:06.000Z"}]}
            """
        var journey = try PrintedJourney.read(Array(body.utf8))
        #expect(journey.entries.map { $0.service } == ["a", "b"])
        #expect(journey.text.split(separator: "\n").count == 3)
        #expect(
            journey.entries[0].line == "2026-01-01T00:00:01.000Z  a  retrying  order.created  attempt 1, "
                + "next attempt at 2026-01-01T00:00:06.000Z: busy"
        )
        var again = journey.entries[0]
        again.at = "2026-01-01T00:00:03.000Z"
        journey.add(again)
        #expect(journey.entries.map { $0.service } == ["b", "a"])
        #expect(try PrintedJourney.read(Array("{}".utf8)).text == "No service has reported yet.")
        #expect(try !ShowCommand.table(of: Array(body.utf8)).contains("journey"))
    }
}
