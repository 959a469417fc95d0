import Hummingbird
import OrderEvents
import RabbitMQ
import Testing

@testable import OrderService

@Suite("The message on the wire")
struct OrderMessageTests {
    let order = Order(
        facts: OrderCreated(
            id: "01890a5d-ac96-774b-bcce-b302099a8057",
            userID: 123,
            productID: 1,
            quantity: 2,
            price: Money(minorUnits: 99_999),
            total: Money(minorUnits: 199_998),
            createdAt: "2026-01-02T03:04:05.678Z",
            email: "ann@example.org"
        ),
        eventID: "01890a5d-ac97-774b-bcce-b302099a8057",
        acceptedAt: Timestamp(milliseconds: 1_767_323_045_678),
        traceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    )

    @Test("has the contract's properties, headers and body")
    func golden() {
        let message = OutgoingMessage(telling: order)
        #expect(message.exchange == "orders.events")
        let properties = message.properties
        #expect(properties.contentType == "application/json")
        #expect(properties.deliveryMode == .persistent)
        #expect(properties.messageID == "01890a5d-ac97-774b-bcce-b302099a8057")
        #expect(properties.type == "order.created")
        #expect(properties.timestamp == 1_767_323_045)
        #expect(properties.appID == "order-service")
        #expect(properties.correlationID == "01890a5d-ac96-774b-bcce-b302099a8057")
        #expect(
            properties.headers == [
                "cloudEvents_specversion": "1.0",
                "cloudEvents_id": "01890a5d-ac97-774b-bcce-b302099a8057",
                "cloudEvents_source": "/order-service",
                "cloudEvents_type": "order.created",
                "cloudEvents_time": "2026-01-02T03:04:05.678Z",
                "cloudEvents_subject": "01890a5d-ac96-774b-bcce-b302099a8057",
                "event-version": .int64(1),
                "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            ]
        )
        #expect(message.body == order.facts.json())
    }

    @Test("announces the event without personal data")
    func announcement() {
        let text = "\(OutboxTelemetry.announcement(of: order))"
        #expect(
            text.hasPrefix(
                #"📢 Published to 'order.created': {"user_id": 123, "product_id": 1, "quantity": 2, "#
            )
        )
        #expect(!text.contains("ann@"))
    }

    @Test("the service declares the exchange and nothing else")
    func topology() {
        #expect(Topology.orderService.exchanges.map(\.name) == ["orders.events"])
        #expect(Topology.orderService.queues.isEmpty && Topology.orderService.bindings.isEmpty)
    }

    @Test("a request's trace travels with its event")
    func trace() async throws {
        let rig = try await OrderRig()
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        _ = try await rig.post(OrderRig.good, headers: [.traceParent: trace])
        _ = try await rig.post(OrderRig.good, headers: [.traceParent: "nonsense"])
        #expect(try await rig.store.unpublished(after: nil, limit: 10).map(\.traceParent) == [trace, nil])
    }
}
