import Database
import EventLog
import OrderEvents
import RabbitMQ
import TestSupport
import Testing
import WorkQueue

@Suite("The event log")
struct EventLogTests {
    private func moments(_ entries: [EventLog.Entry]) -> [Int64] {
        entries.map { $0.event.at.milliseconds }
    }

    @Test("keeps an event once, byte for byte")
    func once() async throws {
        let rig = try EventLogRig()
        let event = EventLogRig.event(2)
        #expect(try await rig.log.append(event) == true)
        #expect(try await rig.log.append(event) == false)
        #expect(try await rig.log.event(event.id)?.event == event)
        #expect(try await rig.log.event("event-9") == nil)
    }

    @Test("keeps another service's event once, whatever time each delivery has")
    func onceForEver() async throws {
        let rig = try EventLogRig()
        let event = EventLogRig.event(2, type: "inventory.rejected")
        var again = event
        again.at = Timestamp(milliseconds: 3)
        #expect(try await rig.log.append(event) == true)
        #expect(try await rig.log.append(again) == false)
        #expect(moments(try await rig.log.newest(EventSelection(), limit: 5)) == [2])
    }

    @Test("an event without a time has that of its id, and the time of its arrival only without either")
    func times() throws {
        func at(_ id: String, timestamp: UInt64? = nil) throws -> Int64 {
            var properties = EnvelopeCodec.properties(
                id: id,
                type: "inventory.rejected",
                version: 1,
                source: "/inventory-worker",
                time: "",
                timestamp: 0,
                subject: "order-1",
                traceparent: nil
            )
            properties.headers["cloudEvents_time"] = nil
            properties.timestamp = timestamp
            let envelope = try EnvelopeCodec.decode(
                Delivery(
                    tag: DeliveryTag(epoch: 1, number: 1),
                    wasRedelivered: false,
                    exchange: "",
                    routingKey: "",
                    properties: properties,
                    body: Array("{}".utf8)
                )
            )
            return LoggedEvent(envelope, received: Timestamp(milliseconds: 7)).at.milliseconds
        }
        let id = "019b7c31-b8ee-7000-8000-000000000001"
        #expect(try at(id) == 0x019b_7c31_b8ee)
        #expect(try at(id, timestamp: 5) == 5_000)
        #expect(try at("foreign") == 7)
    }

    @Test("is listed newest first, by time, type and order, page after page")
    func selections() async throws {
        let rig = try EventLogRig()
        let events = try await rig.fill(1...20)
        try await rig.fill(21...22, type: "inventory.rejected")
        #expect(moments(try await rig.log.newest(EventSelection(), limit: 3)) == [22, 21, 20])
        let middle = EventSelection(
            since: Timestamp(milliseconds: 5),
            until: Timestamp(milliseconds: 7)
        )
        #expect(moments(try await rig.log.newest(middle, limit: 10)) == [7, 6, 5])
        let rejected = EventSelection(type: "inventory.rejected")
        #expect(moments(try await rig.log.newest(rejected, limit: 10)) == [22, 21])
        #expect(moments(try await rig.log.newest(EventSelection(order: "order-3"), limit: 10)) == [3])
        let page = try await rig.log.newest(EventSelection(), limit: 2, before: events[9].position)
        #expect(moments(page) == [9, 8])
        #expect(
            try await rig.log.extent(of: middle)
                == .init(count: 3, oldest: middle.since, newest: middle.until)
        )
        #expect(try await rig.log.extent(of: EventSelection(order: "nobody")).oldest == nil)
    }

    @Test("an event in the outbox is pending and is not removed, and others are")
    func outbox() async throws {
        let rig = try EventLogRig()
        try await rig.fill(1...10)
        // Of the same order, but not from the outbox.
        try await rig.fill(11...11, type: "inventory.rejected")
        for moment in [3, 11] { try await rig.hold(moment) }
        let states = try await rig.log.newest(EventSelection(), limit: 20).filter { !$0.isPublished }
        #expect(moments(states) == [3])
        #expect(try await rig.log.extent(of: EventSelection()).count == 11)
        let end = Timestamp(milliseconds: 9)
        #expect(try await rig.log.prune(before: end, limit: 4) == 4)
        #expect(try await rig.log.prune(before: end, limit: 4) == 3)
        #expect(try await rig.log.prune(before: end, limit: 4) == 0)
        #expect(moments(try await rig.log.newest(EventSelection(), limit: 20)) == [11, 10, 9, 3])
    }

    @Test("an event becomes the message that it was, and a replay of it goes to one queue and says so")
    func messages() {
        let event = EventLogRig.event(1_767_323_045_678)
        let published = event.published
        #expect(published.exchange == "orders.events")
        #expect(published.routingKey == "order.created")
        let replay = event.replay(to: "analytics")
        #expect(replay.exchange.isEmpty)
        #expect(replay.routingKey == "analytics")
        #expect(replay.properties.headers["replayed"] == .bool(true))
        #expect(replay.properties.messageID == event.id)
        #expect(replay.properties.headers["cloudEvents_time"] == "2026-01-02T03:04:05.678Z")
        #expect(replay.body == event.body)
        var without = replay.properties
        without.headers["replayed"] = nil
        #expect(without == published.properties)
    }

    @Test(
        "moments are read as RFC 3339 has them",
        arguments: [
            ("2026-01-02T03:04:05Z", 1_767_323_045_000), ("2026-01-02T03:04:05.678Z", 1_767_323_045_678),
            ("2026-01-02T04:04:05.678+01:00", 1_767_323_045_678), ("yesterday", nil), ("", nil),
            ("2026", nil),
        ] as [(String, Int64?)]
    )
    func moments(text: String, milliseconds: Int64?) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }
}
