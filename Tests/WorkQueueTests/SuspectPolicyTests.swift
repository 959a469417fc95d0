import RabbitMQ
import Testing

@testable import WorkQueue

@Suite("Suspects")
struct SuspectPolicyTests {
    private func step(
        returns: Int = 3,
        attempts: Int = 0,
        crashes: Int = 0,
        begun: Int?,
        delays: [Duration] = [.seconds(1), .seconds(5)]
    ) throws -> SuspectPolicy.Step {
        SuspectPolicy(retry: try RetryPolicy(delays: delays))
            .step(for: .init(returns: returns, attempts: attempts, crashes: crashes, begun: begun))
    }

    @Test("three returns make a suspect, or an earlier end of a worker; a count that is none does not")
    func suspicion() {
        #expect(!SuspectPolicy.suspects([:]))
        #expect(!SuspectPolicy.suspects(["x-delivery-count": .int64(2)]))
        #expect(SuspectPolicy.suspects(["x-delivery-count": .int64(3)]))
        #expect(SuspectPolicy.suspects(["retry-crashes": .int64(1)]))
        #expect(!SuspectPolicy.suspects(["x-delivery-count": .int64(-9), "retry-crashes": "many"]))
    }

    @Test("without evidence a suspect is handled, however often it came back")
    func noEvidence() throws {
        #expect(try step(returns: 3, begun: 0) == .handle)
        #expect(try step(returns: 19, begun: nil) == .handle)
    }

    @Test("near the broker's limit an event that nothing speaks against begins anew")
    func refreshment() throws {
        #expect(try step(returns: 14, begun: 0) == .handle)
        #expect(try step(returns: 15, begun: 0) == .refresh)
        #expect(try step(returns: 15, begun: 1) == .rest(.seconds(1)))
    }

    @Test("each end of a worker is a failed attempt, rested for once")
    func resting() throws {
        #expect(try step(begun: 1) == .rest(.seconds(1)))
        #expect(try step(returns: 0, attempts: 1, crashes: 1, begun: 1) == .handle)
        #expect(try step(returns: 1, attempts: 1, crashes: 1, begun: 2) == .rest(.seconds(5)))
        #expect(try step(returns: 1, attempts: 2, crashes: 2, begun: 3) == .convict)
    }

    @Test("a short ladder convicts nobody before the third end of a worker")
    func shortLadder() throws {
        #expect(try step(begun: 1, delays: []) == .handle)
        #expect(try step(begun: 2, delays: []) == .handle)
        #expect(try step(begun: 3, delays: []) == .convict)
    }

    @Test("a journal that was lost meanwhile speaks against nobody")
    func lostJournal() throws {
        #expect(try step(attempts: 2, crashes: 2, begun: 0) == .handle)
    }

    @Test("a replayed event carries no suspicion")
    func replay() {
        let delivery = Delivery(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: "",
            routingKey: "",
            properties: MessageProperties(headers: [
                "retry-crashes": .int64(2), "x-delivery-count": .int64(9),
            ]),
            body: []
        )
        #expect(!SuspectPolicy.suspects(FailureCopy(service: "s").replay(of: delivery).properties.headers))
    }
}
