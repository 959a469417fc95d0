import Database
import EventLog
import Hummingbird
import Logging
import OrderEvents
import RabbitMQ
import ServiceKit
import Synchronization
import Testing
import WorkQueue

@testable import OrderService

@Suite("The journey's store")
struct JourneyStoreTests {
    private func outcome(
        _ order: Order,
        _ state: Outcome.State,
        attempt: Int = 1,
        at: Int64 = 1_000,
        detail: String? = nil
    ) -> Outcome {
        Outcome(
            eventID: order.eventID,
            eventType: OrderCreated.type,
            subject: order.id,
            state: state,
            attempt: attempt,
            at: at,
            nextAt: state == .retrying ? at + 5_000 : nil,
            detail: detail
        )
    }

    @Test("an order shows what each service made of it, by time")
    func shown() async throws {
        let rig = try await OrderRig()
        let order = try await rig.place(1)[0]
        _ = try await rig.journeys.record(
            OutcomeBatch(
                service: "inventory",
                outcomes: [outcome(order, .done, at: 3_000, detail: "Remaining stock: 48")]
            )
        )
        _ = try await rig.journeys.record(
            OutcomeBatch(
                service: "notification",
                outcomes: [outcome(order, .retrying, at: 2_000, detail: "busy")]
            )
        )
        let body = try await rig.send(.get, "/orders/\(order.id)").body
        let retrying =
            #"{"service":"notification","state":"retrying","attempt":1,"at":"1970-01-01T00:00:02.000Z","#
            + #""detail":"busy","event_type":"order.created","next_at":"1970-01-01T00:00:07.000Z"}"#
        let done =
            #"{"service":"inventory","state":"done","attempt":1,"at":"1970-01-01T00:00:03.000Z","#
            + #""detail":"Remaining stock: 48","event_type":"order.created"}"#
        #expect(body.hasSuffix(#","journey":[\#(retrying),\#(done)]}"#))
        #expect(!(try await rig.send(.get, "/orders").body.contains("journey")))
    }

    @Test(
        "a batch that comes again changes nothing, an outcome that comes about again counts with its latest time"
    )
    func idempotent() async throws {
        let announced = Mutex<[Set<String>]>([])
        let rig = try await OrderRig()
        let store = JourneyStore(rig.database) { orders in announced.withLock { $0.append(orders) } }
        let order = try await rig.place(1)[0]
        let batch = OutcomeBatch(
            service: "inventory",
            outcomes: [outcome(order, .retrying, at: 1_000), outcome(order, .done, attempt: 2, at: 2_000)]
        )
        #expect(try await store.record(batch) == .init(kept: 2, known: 0, foreign: 0))
        #expect(try await store.record(batch) == .init(kept: 0, known: 2, foreign: 0))
        let again = OutcomeBatch(service: "inventory", outcomes: [outcome(order, .retrying, at: 9_000)])
        #expect(try await store.record(again) == .init(kept: 1, known: 0, foreign: 0))
        #expect(try await store.record(batch).kept == 0)
        let entries = try await store.entries(of: order.id)
        #expect(entries.map { $0.number } == [2, 3])
        #expect(entries.map { $0.at.milliseconds } == [2_000, 9_000])
        // Once for each batch that brought anything.
        #expect(announced.withLock { $0 } == [[order.id], [order.id]])
    }

    @Test("outcomes about nothing of ours are counted and left out")
    func foreign() async throws {
        let rig = try await OrderRig()
        let order = try await rig.place(1)[0]
        func about(_ subject: String?) -> Outcome {
            Outcome(eventID: "e", eventType: "x", subject: subject, state: .done, attempt: 1, at: 1)
        }
        let batch = OutcomeBatch(
            service: "inventory",
            outcomes: [about(nil), about("nonsense"), about(UUIDv7.next().description), about(order.id)]
        )
        #expect(try await rig.journeys.record(batch) == .init(kept: 1, known: 0, foreign: 3))
    }

    @Test("what is older than the retention goes in small batches, what the broker has not confirmed stays")
    func retention() async throws {
        let rig = try await OrderRig()
        let old = try await rig.place(450)
        for order in old {
            let batch = OutcomeBatch(service: "inventory", outcomes: [outcome(order, .done)])
            _ = try await rig.journeys.record(batch)
        }
        try await rig.store.markPublished(old.dropLast(3).map { $0.id })
        let log = EventLog(rig.database)
        let pauses = Atomic<Int>(0)
        var retention = Retention(
            log: log,
            journeys: rig.journeys,
            period: .seconds(3_600),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        retention.sleep = { _ in pauses.add(1, ordering: .relaxed) }
        retention.now = { .now }
        #expect(try await retention.prune(keeping: .seconds(3_600)) == (0, 0))
        retention.now = { Timestamp(milliseconds: Timestamp.now.milliseconds + 3_601_000) }
        let commits = rig.database.commitCount
        #expect(try await retention.prune(keeping: .seconds(3_600)) == (447, 450))
        // Three rounds of two transactions of 200 rows at most, with a pause between rounds.
        #expect(rig.database.commitCount - commits == 6)
        #expect(pauses.load(ordering: .relaxed) == 2)
        #expect(
            try await log.newest(EventSelection(), limit: 10).map { $0.event.subject }.sorted()
                == old.suffix(3).map { $0.id }.sorted()
        )
        #expect(try await rig.send(.get, "/orders/\(old[0].id)").body.hasSuffix(#""journey":[]}"#))
    }

    @Test("an event of another service is logged once, whatever its version")
    func othersEvents() async throws {
        let rig = try await OrderRig()
        let log = EventLog(rig.database)
        let order = try await rig.place(1)[0]
        let event = OutgoingEvent(
            id: UUIDv7.next().description,
            type: InventoryRejected.type,
            source: InventoryRejected.source,
            subject: order.id,
            at: 1_767_323_045_678,
            body: InventoryRejected(
                order.facts,
                productName: "Laptop",
                remaining: 0,
                rejectedAt: Timestamp(milliseconds: 1_767_323_045_678)
            )
            .json()
        )
        let message = event.message(to: OrderEvents.exchangeName)
        let envelope = try EnvelopeCodec.decode(Delivery(message))
        let rejected = try #require(LoggedEvent(envelope).body == event.body ? envelope : nil)
        let handler = LoggingHandler<InventoryRejected>(log: log)
        let payload = InventoryRejected(order.facts, productName: "", remaining: 0, rejectedAt: .now)
        for _ in 0..<2 {
            #expect(await handler.handle(payload, in: DeliveryContext(envelope: rejected)) == .done)
        }
        let entries = try await log.newest(EventSelection(type: InventoryRejected.type), limit: 5)
        #expect(entries.map { $0.event.published } == [message])
        #expect(entries.map { $0.isPublished } == [true])
    }
}

extension Delivery {
    /// A message as a consumer would get it.
    fileprivate init(_ message: OutgoingMessage) {
        self.init(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: message.exchange,
            routingKey: message.routingKey,
            properties: message.properties,
            body: message.body
        )
    }
}
