import FoundationEssentials
import RabbitMQ
import TestSupport
import Testing
import WorkQueue

@Suite("Outcomes on a real broker", .broker)
struct OutcomeTests {
    /// Everything that was reported so far; takes it from the queue.
    private func reports(_ queue: String, _ broker: Operator) async throws -> [Outcome] {
        var outcomes: [Outcome] = []
        while let delivery = try await broker.get(from: queue, within: .seconds(20)) {
            #expect(delivery.properties.type == "worker.outcomes")
            let batch = try JSONDecoder().decode(OutcomeBatch.self, from: Data(delivery.body))
            outcomes += batch.outcomes
            broker.settle(delivery.tag, .acknowledge)
        }
        return outcomes
    }

    @Test("every way in which an event can end is told, beside the work")
    func everyState() async throws {
        let rig = try WorkerRig("told", outcomes: "told.outcomes") { event, context in
            switch event.number {
            case 1: .done
            case 2: .done("Remaining stock: 48")
            case 3: .rejected("Out of stock")
            case 4: context.attempt == 1 ? .retry("not yet") : .done("at last")
            default: .deadLetter("never")
            }
        }
        let ear =
            Topology.outcomes(exchange: "told.outcomes")
            + Topology(
                queues: [QueueDeclaration("told.ear", arguments: ["x-queue-type": "quorum"])],
                bindings: [Binding(exchange: "told.outcomes", queue: "told.ear")]
            )
        try await rig.run {
            try await rig.inspector.apply(ear, within: .seconds(20))
            var told: [Outcome] = []
            try await running(rig.worker()) {
                for number in 1...5 {
                    let body = #"{"number":\#(number)}"#
                    #expect(await rig.publish(id: "e\(number)", body: body) == .confirmed)
                }
                try await eventually("six outcomes are told, not \(told)") {
                    told += try await reports("told.ear", rig.inspector)
                    return told.count >= 6
                }
            }
            let lines = told.map { "\($0.eventID) \($0.state.rawValue) \($0.attempt) \($0.detail ?? "-")" }
            #expect(
                lines.sorted() == [
                    "e1 done 1 -", "e2 done 1 Remaining stock: 48", "e3 rejected 1 Out of stock",
                    "e4 done 2 at last", "e4 retrying 1 not yet", "e5 dead-lettered 1 never",
                ]
            )
            let retrying = try #require(told.first { $0.state == .retrying })
            #expect(retrying.nextAt == retrying.at + 100)
            #expect(told.allSatisfy { $0.eventType == Probe.eventType && $0.at > 1_700_000_000_000 })
        }
    }

    @Test("where nobody listens the work goes on")
    func nobodyListens() async throws {
        let rig = try WorkerRig("unheard", outcomes: "unheard.outcomes") { _, _ in .done }
        try await rig.run {
            try await running(rig.worker()) {
                for number in 0..<300 { #expect(await rig.publish(id: "e\(number)") == .confirmed) }
                try await eventually("all are done") {
                    let left = try await rig.count("unheard")
                    return rig.handler.contexts.count == 300 && left == 0
                }
            }
        }
    }

    @Test("a postponed event comes back, and the attempt is not counted")
    func postponed() async throws {
        let rig = try WorkerRig("postponed", delays: [.milliseconds(100)]) { _, context in
            let isEarly = context.envelope.properties.headers["x-death"] == nil
            return isEarly ? .postpone("the server is away", after: .milliseconds(50)) : .done
        }
        try await rig.run {
            try await running(rig.worker()) {
                #expect(await rig.publish(id: "later") == .confirmed)
                try await eventually("two deliveries") { rig.handler.contexts.count == 2 }
                try await eventually("nothing is left") { try await rig.count("postponed") == 0 }
            }
            #expect(rig.handler.contexts.map(\.attempt) == [1, 1])
            #expect(rig.handler.contexts[1].envelope.properties.headers["retry-error"] == nil)
            #expect(try await rig.count("postponed.dead") == 0)
        }
    }

    @Test("a released event is at once somebody else's")
    func released() async throws {
        let rig = try WorkerRig("released") { _, context in
            context.envelope.properties.headers["x-delivery-count"] == nil ? .release : .done
        }
        try await rig.run {
            try await running(rig.worker()) {
                #expect(await rig.publish(id: "again") == .confirmed)
                try await eventually("two deliveries") { rig.handler.contexts.count == 2 }
                try await eventually("nothing is left") { try await rig.count("released") == 0 }
            }
        }
    }

    @Test("an event of a newer version is a dead letter that names the version, until somebody can read it")
    func newerVersion() async throws {
        let rig = try WorkerRig("newer") { _, _ in .done }
        try await rig.run {
            try await running(rig.worker()) {
                var event = OutgoingEvent(
                    id: "from tomorrow",
                    type: Probe.eventType,
                    version: 2,
                    source: "/test",
                    subject: "s",
                    at: 1_767_323_045_678,
                    body: Array(#"{"number":1}"#.utf8)
                )
                for version in [2, 1] {
                    event.version = version
                    let message = event.message(to: rig.exchange)
                    #expect(await rig.publisher.publish(message, within: .seconds(20)) == .confirmed)
                }
                try await eventually("one is dead") { try await rig.count("newer.dead") == 1 }
                try await eventually("one is done") { rig.handler.contexts.count == 1 }
            }
            let letter = try #require(try await rig.deadLetters().first)
            #expect(letter.reason == "undecodable")
            #expect(letter.error == "version 2 of probe.sent is newer than 1, the newest known here")
        }
    }
}
