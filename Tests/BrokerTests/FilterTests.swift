import RabbitMQ
import Synchronization
import TestSupport
import Testing
import WorkQueue

@Suite("A worker with a filter, on a real broker", .broker)
struct FilterTests {
    @Test(
        "handles what it accepts, acknowledges the others and tells of them; what is broken is dead-lettered"
    )
    func workerFilter() async throws {
        let rig = try WorkerRig("filtered") { _, _ in .done }
        try await rig.run {
            let outcomes = "filtered.outcomes"
            let watched = Topology(
                exchanges: [ExchangeDeclaration(outcomes, kind: .fanout)],
                queues: [QueueDeclaration("filtered.watched", arguments: ["x-queue-type": "quorum"])],
                bindings: [Binding(exchange: outcomes, queue: "filtered.watched")]
            )
            try await rig.inspector.apply(watched, within: .seconds(20))
            let worker = try rig.filtering(
                filter: #"number >= 90.0 && headers.region == "eu" && type in ["probe.sent"]"#,
                outcomes: outcomes
            )
            try await running(worker) {
                for number in 0..<100 {
                    let region = number % 2 == 0 ? "eu" : "us"
                    #expect(await rig.publish(id: "\(number)", region: region, number: number) == .confirmed)
                }
                #expect(await rig.publish(id: "broken", body: "no JSON") == .confirmed)
                try await eventually("everything is settled") { try await rig.count("filtered") == 0 }
                try await eventually("five are handled") { rig.handled.count == 5 }
                try await eventually("every outcome is told") {
                    try await skipped(in: "filtered.watched", rig) == 96
                }
            }
            #expect(rig.handled == ["90", "92", "94", "96", "98"])
            // It has no region: rejected for a header, whatever its body is.
            #expect(try await rig.count("filtered.dead") == 0)
            try await running(rig.filtering(filter: "number >= 90")) {
                #expect(await rig.publish(id: "broken", body: "no JSON") == .confirmed)
                try await eventually("a broken body is kept for a person") {
                    try await rig.count("filtered.dead") == 1
                }
            }
        }
    }

    /// Counts the outcomes of what a filter rejected, without taking them away.
    private func skipped(in queue: String, _ rig: WorkerRig) async throws -> Int {
        var count = 0
        var tags: [DeliveryTag] = []
        while let delivery = try await rig.inspector.get(from: queue, within: .seconds(20)) {
            tags.append(delivery.tag)
            count += String(decoding: delivery.body, as: UTF8.self).ranges(of: #""state":"skipped""#).count
        }
        for tag in tags { rig.inspector.settle(tag, .requeue) }
        return count
    }

    @Test("what the broker's filter rejects never travels, and the worker needs no more than the queue has")
    func brokerFilter() async throws {
        let rig = try WorkerRig("kept") { _, _ in .done }
        let filter = #"type == "probe.sent" && headers.region == "eu""#
        try await rig.run {
            let neighbour = try await rig.declareNeighbour()
            let first = try rig.filtering(brokerFilter: filter)
            try await running(first) { try await rig.isReady(first) }
            for number in 0..<50 {
                let region = number % 5 == 0 ? "eu" : "us"
                #expect(await rig.publish(id: "\(number)", region: region) == .confirmed)
            }
            try await eventually("everybody else gets all") { try await rig.count(neighbour) == 50 }
            try await eventually("the queue gets ten") { try await rig.count("kept") == 10 }
            try await running(rig.filtering(brokerFilter: filter)) {
                try await eventually("ten are handled") { rig.handled.count == 10 }
                try await eventually("nothing is left") { try await rig.count("kept") == 0 }
            }
            #expect(rig.handler.contexts.count == 10)
            #expect(try await rig.count("kept") == 0)
        }
    }

    @Test("a binding that an earlier filter left costs traffic and nothing else")
    func staleBinding() async throws {
        let rig = try WorkerRig("stale") { _, _ in .done }
        try await rig.run {
            let old = try rig.filtering(brokerFilter: #"headers.region == "us""#)
            try await running(old) { try await rig.isReady(old) }
            let new = try rig.filtering(brokerFilter: #"headers.region == "eu""#)
            try await running(new) {
                try await rig.isReady(new)
                #expect(await rig.publish(id: "american", region: "us") == .confirmed)
                #expect(await rig.publish(id: "european", region: "eu") == .confirmed)
                try await eventually("both are settled, one was handled") {
                    try await rig.count("stale") == 0 && rig.handled == ["european"]
                }
                guard case .unroutable = await rig.publish(id: "asian", region: "ap") else {
                    return #expect(Bool(false), "nobody asked for it")
                }
            }
        }
    }

    @Test("no event is lost while a running service is given a broker filter, and while it is taken away")
    func switching() async throws {
        let rig = try WorkerRig("switched") { _, _ in .done }
        let filter = #"headers.region == "eu""#
        try await rig.run {
            let neighbour = try await rig.declareNeighbour()
            let stream = EventStream(rig)
            let gates = [Gate(), Gate(), Gate()]
            let workers = [try rig.filtering(), try rig.filtering(brokerFilter: filter), try rig.filtering()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await stream.run() }
                func start(_ index: Int) async throws {
                    group.addTask { try await running(workers[index]) { await gates[index].wait() } }
                    try await rig.isReady(workers[index])
                    try await stream.advance(by: 100)
                }
                defer { group.cancelAll() }
                try await start(0)
                #expect(try await rig.seesBothRegions(since: 0, stream))
                // The new one takes over while the old one still runs.
                try await start(1)
                gates[0].open()
                try await eventually("the old one has ended") { !workers[0].isReady }
                let filteredSince = stream.count
                try await stream.advance(by: 200)
                let filteredUntil = stream.count
                try await start(2)
                gates[1].open()
                try await eventually("the filtered one has ended") { !workers[1].isReady }
                #expect(try await rig.seesBothRegions(since: stream.count, stream))
                stream.stop()
                let published = stream.count
                let wanted = Set((1...published).map(String.init).filter(isEuropean))
                try await eventually("every event that the filter accepts was handled") {
                    wanted.isSubset(of: rig.handled)
                }
                try await eventually("nothing is left") { try await rig.count("switched") == 0 }
                let between = rig.handled.compactMap { Int($0) }
                    .filter { (filteredSince + 2..<filteredUntil).contains($0) }
                #expect(between.count > 100)
                #expect(between.allSatisfy { isEuropean("\($0)") })
                gates[2].open()
            }
            // A refused publish is repeated, and may be there twice.
            let published = stream.count
            try await eventually("everybody else got all") {
                try await rig.count(neighbour) ?? 0 >= published
            }
            #expect(try await !rig.inspector.hasExchange("switched.filter", within: .seconds(20)))
        }
    }

    @Test("an old worker's filter that came back is gone once a worker without one connects")
    func comeback() async throws {
        let rig = try WorkerRig("comeback") { _, _ in .done }
        try await rig.run {
            let new = try rig.filtering()
            try await running(new) {
                try await rig.isReady(new)
                // As an old one does that had lost its connection, before it is removed.
                let old = try rig.filtering(brokerFilter: #"headers.region == "eu""#)
                try await running(old) { try await rig.isReady(old) }
                #expect(try await rig.inspector.hasExchange("comeback.filter", within: .seconds(20)))
                guard case .unroutable = await rig.publish(id: "kept back", region: "us") else {
                    return #expect(Bool(false), "the last one to connect decides")
                }
                let restarted = try rig.filtering()
                try await running(restarted) {
                    try await rig.isReady(restarted)
                    #expect(await rig.publish(id: "american", region: "us") == .confirmed)
                    try await eventually("everything comes again") { rig.handled == ["american"] }
                }
            }
            #expect(try await !rig.inspector.hasExchange("comeback.filter", within: .seconds(20)))
        }
    }

    @Test("a queue may be bound through a filter beside its own exchange, and starting its worker keeps that")
    func filteredBinding() async throws {
        let rig = try WorkerRig("both", exchange: "both.outcomes") { _, _ in .done }
        try await rig.run {
            let elsewhere = Publisher(
                settings: try .suite(),
                topology: .events(exchange: "both.events"),
                logger: quiet
            )
            let connections = WorkerConnections(
                service: rig.service,
                settings: WorkerSettings(retry: rig.retry, exchange: rig.exchange),
                broker: try .suite(),
                extra: .filteredBinding(
                    queue: rig.service,
                    exchange: "both.events",
                    headers: ["cloudEvents_type": .string(Probe.eventType)]
                ),
                logger: quiet
            )
            let worker = Worker(connections, handlers: [rig.handler])
            try await running(worker, elsewhere) {
                try await rig.isReady(worker)
                #expect(await rig.publish(id: "own", region: "eu") == .confirmed)
                var foreign = message("both.events", id: "foreign", body: #"{"number":1}"#)
                foreign.properties.type = Probe.eventType
                foreign.properties.headers["cloudEvents_type"] = .string(Probe.eventType)
                #expect(await elsewhere.publish(foreign, within: .seconds(20)) == .confirmed)
                foreign.properties.headers["cloudEvents_type"] = "other"
                guard case .unroutable = await elsewhere.publish(foreign, within: .seconds(20)) else {
                    return #expect(Bool(false), "nobody asked for it")
                }
                try await eventually("both came") { rig.handled == ["own", "foreign"] }
            }
        }
    }
}

extension WorkerRig {
    /// Whether an event of each region is handled that was published from now on.
    fileprivate func seesBothRegions(since first: Int, _ stream: EventStream) async throws -> Bool {
        try await eventually("both regions come") {
            let new = handled.filter { Int($0).map { $0 > first } ?? false }
            return new.contains(where: isEuropean) && !new.allSatisfy(isEuropean)
        }
        return true
    }
}

/// Every third event is American.
private func isEuropean(_ id: String) -> Bool {
    Int(id).map { $0 % 3 != 0 } ?? false
}

/// Publishes one event after the other until it is told to stop.
private final class EventStream: Sendable {
    private struct State {
        var count = 0
        var isStopped = false
    }

    private let rig: WorkerRig
    private let state = Mutex(State())

    init(_ rig: WorkerRig) {
        self.rig = rig
    }

    var count: Int { state.withLock { $0.count } }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Waits for so many more events.
    func advance(by more: Int) async throws {
        let goal = count + more
        try await eventually("\(more) events more are published") { count >= goal }
    }

    func run() async {
        // Bounded, so that a test that fails ends.
        while let number = next(), number < 50_000 {
            let id = "\(number)"
            let outcome = await rig.publish(id: id, region: isEuropean(id) ? "eu" : "us")
            state.withLock { state in
                // Anything else: the same once more, as an outbox would.
                if outcome == .confirmed { state.count = number }
            }
        }
    }

    private func next() -> Int? {
        state.withLock { $0.isStopped || Task.isCancelled ? nil : $0.count + 1 }
    }
}
