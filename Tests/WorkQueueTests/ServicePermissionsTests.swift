import RabbitMQ
import Testing

@testable import WorkQueue

@Suite("What a service needs at the broker")
struct ServicePermissionsTests {
    @Test("a login reads its own queue, writes what is named, and configures nothing")
    func least() {
        let worker = ServicePermissions(of: "mail-room", publishingTo: ["orders.outcomes"])
        #expect(worker.configure == "^$")
        #expect(worker.write == #"^(mail-room\.failures|orders\.outcomes)$"#)
        #expect(worker.read == "^mail-room$")
        #expect(ServicePermissions(of: "mute", publishingTo: []).write == #"^mute\.failures$"#)
    }

    @Test("nothing of a worker's goes through the default exchange, whatever its ladder")
    func copies() throws {
        let delivery = Delivery(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: "orders.events",
            routingKey: "",
            properties: MessageProperties(),
            body: []
        )
        for delays in [[], [Duration.seconds(1)]] {
            let retry = try RetryPolicy(delays: delays)
            let topology = Topology.service("inventory", of: "orders.events", retry: retry)
            let copies = FailureCopy(service: "inventory")
            let note = FailureNote("no")
            let sent =
                delays.map { copies.retry(of: delivery, attempts: 1, after: $0, note: note, at: "now") }
                + delays.map { copies.postponed(delivery, for: $0) }
                + [copies.dead(of: delivery, attempts: 1, reason: .permanent, note: note, at: "now")]
                + (delays.isEmpty ? [copies.requeued(delivery)] : [])
            for copy in sent {
                #expect(copy.exchange == "inventory.failures")
                #expect(
                    topology.bindings.contains {
                        $0.exchange == copy.exchange && $0.routingKey == copy.routingKey
                    }
                )
            }
            let isBack = topology.bindings.contains {
                $0 == Binding(exchange: "inventory.failures", queue: "inventory", routingKey: "requeue")
            }
            #expect(isBack == delays.isEmpty)
        }
    }
}
