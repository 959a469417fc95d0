import Curl
import RabbitMQNode
import TestSupport
import Testing

@Suite(
    "The broker is away for longer than the outbox is long",
    .serialized,
    .privateBroker,
    .timeLimit(.minutes(4))
)
struct OutboxLimitTests {
    @Test(
        "orders beyond outbox.limit get 503, known keys their answer; all that were accepted arrive once it is back"
    )
    func limit() async throws {
        let system = try LooseSystem()
        let inventory = try await system.start("inventory-worker", ["RETRY_DELAYS": "1s"])
        let service = try await system.start("order-service", ["OUTBOX_LIMIT": "5", "RETRY_DELAYS": "1s"])
        let address = try await system.address(of: service)
        try await eventually(within: .seconds(60), "inventory is bound") {
            let bindings = try await system.management("GET", "queues/%2F/inventory/bindings")
            return bindings.text.contains("\"source\":\"orders.events\"")
        }
        // A queue that is not in the broker's registry yet has no leader ever after (RabbitMQ 3.10).
        for queue in ["inventory.retry.1s", "order-service.retry.1s"] {
            try await system.broker.waitUntilRegistered(queue)
        }
        await system.broker.node.kill()

        for number in 1...5 {
            #expect(try await system.place("kept-\(number)", at: address, product: 2).status == 201)
        }
        for number in 6...8 {
            let refused = try await system.place("refused-\(number)", at: address, product: 2)
            #expect(refused.status == 503, "\(refused.text)")
            #expect(refused.header("Retry-After") != nil)
        }
        // A repeat needs no place in the outbox.
        let repeated = try await system.place("kept-3", at: address, product: 2)
        #expect(repeated.status == 201)
        #expect(repeated.header("Idempotent-Replay") == "true")

        try await system.broker.startAgain()
        try await eventually(within: .seconds(90), "what was refused is accepted now") {
            try await system.place("refused-6", at: address, product: 2).status == 201
        }
        let sold = "SELECT COUNT(*) AS x FROM handled_events WHERE outcome = 'sold'"
        try await eventually(within: .seconds(60), "the six accepted orders, and no other, were sold") {
            try await system.number(sold, of: "inventory-worker") == 6
        }
        for program in [service, inventory] { await program.stop(within: .seconds(10)) }
    }
}
