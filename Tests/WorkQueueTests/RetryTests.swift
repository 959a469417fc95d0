import RabbitMQ
import Testing

@testable import WorkQueue

@Suite("Retry")
struct RetryTests {
    @Test("one attempt, then one after each delay, then none")
    func steps() throws {
        let policy = try RetryPolicy(delays: [.seconds(1), .seconds(5)])
        #expect(policy.step(after: 1) == .wait(.seconds(1)))
        #expect(policy.step(after: 2) == .wait(.seconds(5)))
        #expect(policy.step(after: 3) == .exhausted)
        #expect(policy.step(after: 0) == .exhausted)
        #expect(try RetryPolicy(delays: []).step(after: 1) == .exhausted)
    }

    @Test("a requested delay takes the shortest tier that is long enough, else the longest")
    func requested() {
        let policy = RetryPolicy.standard
        #expect(policy.step(after: 1, requested: .seconds(20)) == .wait(.seconds(30)))
        #expect(policy.step(after: 4, requested: .milliseconds(1)) == .wait(.seconds(1)))
        #expect(policy.step(after: 1, requested: .seconds(99_999)) == .wait(.seconds(600)))
        #expect(policy.step(after: 6, requested: .seconds(1)) == .exhausted)
    }

    @Test(
        "delays that no queue could have are refused",
        arguments: [Duration.zero, .seconds(86_401), .microseconds(10_500)]
    )
    func invalid(delay: Duration) {
        #expect(throws: RetryPolicy.Invalid.self) { try RetryPolicy(delays: [delay]) }
    }

    @Test("one delay has one name")
    func names() {
        let texts = [Duration.milliseconds(250), .seconds(5), .seconds(60), .seconds(90), .seconds(3600)]
        #expect(texts.map(DelayText.text) == ["250ms", "5s", "1m", "90s", "1h"])
        #expect(DelayText.milliseconds(of: .seconds(5)) == 5000)
    }

    @Test("a note is one line of at most 1 KiB")
    func notes() {
        #expect(FailureNote("a\nb\r\n\u{1b}c\u{85}").text == "a b   c ")
        let long = FailureNote(String(repeating: "ü", count: 5000))
        #expect(long.text.utf8.count == 1024)
        #expect(FailureNote("").text.isEmpty)
    }

    @Test("a service's topology is valid and is the contract's")
    func topology() throws {
        let topology = Topology.service(
            "inventory",
            of: "orders.events",
            retry: try RetryPolicy(delays: [.seconds(5)])
        )
        try topology.validate()
        #expect(
            topology.description == """
                exchange orders.events fanout durable
                exchange inventory.failures direct durable
                queue    inventory.dead durable x-queue-type=quorum x-delivery-limit=2000000000
                queue    inventory durable x-queue-type=quorum x-delivery-limit=20 \
                x-dead-letter-exchange=inventory.failures x-dead-letter-routing-key=dead \
                x-dead-letter-strategy=at-least-once x-overflow=reject-publish
                queue    inventory.retry.5s durable x-queue-type=quorum x-message-ttl=5000 x-dead-letter-exchange= \
                x-dead-letter-routing-key=inventory x-dead-letter-strategy=at-least-once x-overflow=reject-publish \
                x-delivery-limit=2000000000
                binding  inventory.failures -> inventory.dead [dead]
                binding  inventory.failures -> inventory.retry.5s [retry.5s]
                binding  orders.events -> inventory
                """
        )
    }

    @Test("every service's retries lead back to itself, never through the fanout exchange")
    func retriesStayHome() throws {
        let all = ["inventory", "notification", "analytics"]
            .map { Topology.service($0, of: "orders.events", retry: .standard) }
            .reduce(Topology(), +)
        try all.validate()
        for queue in all.queues where queue.name.contains(".retry.") {
            #expect(queue.arguments["x-dead-letter-exchange"] == "")
            let home = queue.arguments["x-dead-letter-routing-key"]?.text
            #expect(queue.name.hasPrefix("\(home ?? "?").retry."))
        }
        #expect(all.exchanges.filter { $0.kind == .fanout }.map(\.name) == ["orders.events"])
    }
}
