import Curl
import Dispatch
import Hummingbird
import Logging
import OrderEvents
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import WorkQueue

@testable import OrderService

/// A client that follows an order over a real socket.
private final class Follower: Sendable {
    private struct State {
        var text = ""
        var status: Int?
        var end: String?
    }

    private let state: Mutex<State>
    private let task = Mutex<Task<Void, Never>?>(nil)

    private init() {
        state = Mutex(State())
    }

    deinit { leave() }

    /// Begins to follow.
    ///
    /// - Parameters:
    ///   - url: The stream's.
    ///   - id: The last event that it has.
    ///   - gate: Nothing but the head is read before it is open.
    /// - Returns: The client; it leaves when nobody holds it.
    static func start(_ url: String, after id: String? = nil, gate: StuckGate? = nil) -> Follower {
        let follower = Follower()
        let headers = id.map { [("Last-Event-ID", $0)] } ?? []
        let stream = HTTPStream(Curl.HTTPRequest("GET", url, headers: headers))
        // Unstructured because the test ends it, or sees it end.
        let task = Task { [weak follower] in
            var end = "in order"
            do throws(HTTPClientError) {
                try await stream.read { [weak follower] part in
                    if case .bytes = part { gate?.wait() }
                    return follower?.take(part) ?? false
                }
            } catch {
                end = error.description
            }
            follower?.ended(end)
        }
        follower.task.withLock { $0 = task }
        return follower
    }

    var said: String { state.withLock { $0.text } }
    var answer: Int? { state.withLock { $0.status } }
    /// How the stream ended; nil while it has not.
    var end: String? { state.withLock { $0.end } }
    var ids: [Int] {
        said.split(separator: "\n").filter { $0.hasPrefix("id: ") }.compactMap { Int($0.dropFirst(4)) }
    }

    func leave() { task.withLock { $0?.cancel() } }

    private func take(_ part: HTTPStream.Part) -> Bool {
        state.withLock { state in
            switch part {
            case .head(let head): state.status = head.status
            case .bytes(let bytes): state.text += String(decoding: bytes, as: UTF8.self)
            }
        }
        return true
    }

    private func ended(_ how: String) {
        state.withLock { $0.end = how }
    }
}

/// Holds a thread until it is opened.
private final class StuckGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() {
        semaphore.wait()
        semaphore.signal()
    }

    func open() { semaphore.signal() }
}

@Suite("Following an order", .serialized, .timeLimit(.minutes(2)))
struct JourneyStreamTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func serving(
        _ hub: JourneyHub = JourneyHub(),
        patience: Duration = .seconds(60),
        _ body: (OrderRig, String) async throws -> Void
    ) async throws {
        let rig = try await OrderRig(hub: hub)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let listener = HTTPListener(
            router: rig.router(),
            host: "127.0.0.1",
            port: 0,
            portKey: "http.port",
            patience: patience,
            stopPatience: .seconds(30),
            logger: quiet
        ) { port.yield($0) }
        let group = ServiceGroup(services: [listener, hub], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            defer { tasks.cancelAll() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(rig, "http://127.0.0.1:\(port)")
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func record(
        _ rig: OrderRig,
        _ order: Order,
        _ attempts: Range<Int>,
        detail: String = ""
    ) async throws {
        let outcomes = attempts.map { attempt in
            Outcome(
                eventID: order.eventID,
                eventType: OrderCreated.type,
                subject: order.id,
                state: .retrying,
                attempt: attempt,
                at: Int64(attempt),
                detail: detail
            )
        }
        _ = try await rig.journeys.record(OutcomeBatch(service: "inventory", outcomes: outcomes))
    }

    @Test("what is known comes first, then what becomes known, without gap and without repeat")
    func noGap() async throws {
        try await serving { rig, url in
            let orders = try await rig.place(2)
            try await record(rig, orders[0], 1..<41)
            var followers: [Follower] = []
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for attempt in 41..<201 {
                        try await record(rig, orders[0], attempt..<attempt + 1)
                        try await record(rig, orders[1], attempt..<attempt + 1)
                    }
                }
                for _ in 0..<8 {
                    let follower = Follower.start("\(url)/orders/\(orders[0].id)/events")
                    followers.append(follower)
                    try await eventually(every: .milliseconds(2), "it reads") { !follower.ids.isEmpty }
                }
                try await group.waitForAll()
            }
            for follower in followers {
                try await eventually("all came, not \(follower.ids.count)") { follower.ids.count >= 200 }
                #expect(follower.ids == Array(1...200))
                #expect(follower.said.hasPrefix("retry: 2000\n\nid: 1\nevent: journey\ndata: {\"service\":"))
            }
            let late = Follower.start("\(url)/orders/\(orders[0].id)/events", after: "198")
            try await eventually("only what it missed") { late.ids == [199, 200] }
            let odd = Follower.start("\(url)/orders/\(orders[1].id)/events", after: "nonsense")
            try await eventually("an id of nobody's counts for nothing") { odd.ids == Array(1...160) }
        }
    }

    @Test("what another process keeps in between is not lost")
    func otherProcess() async throws {
        // No sign of life meanwhile, which would bring it too.
        try await serving(JourneyHub(heartbeat: .seconds(600))) { rig, url in
            let order = try await rig.place(1)[0]
            try await record(rig, order, 1..<2)
            let follower = Follower.start("\(url)/orders/\(order.id)/events")
            try await eventually("what is known") { follower.ids == [1] }
            let other = JourneyStore(rig.database)
            let outcome = Outcome(
                eventID: order.eventID,
                eventType: OrderCreated.type,
                subject: order.id,
                state: .done,
                attempt: 1,
                at: 2
            )
            _ = try await other.record(OutcomeBatch(service: "analytics", outcomes: [outcome]))
            try await record(rig, order, 2..<3)
            try await eventually("both, not \(follower.ids)") { follower.ids.count >= 3 }
            #expect(follower.ids == [1, 2, 3])
            #expect(follower.said.contains("analytics"))
            try await record(rig, order, 3..<4)
            try await eventually("and on") { follower.ids == [1, 2, 3, 4] }
        }
    }

    @Test("a silent stream lives on signs of life, longer than a silent client may")
    func heartbeat() async throws {
        try await serving(JourneyHub(heartbeat: .milliseconds(50)), patience: .milliseconds(200)) {
            rig,
            url in
            let order = try await rig.place(1)[0]
            let follower = Follower.start("\(url)/orders/\(order.id)/events")
            try await eventually("twelve signs of life") {
                follower.said.split(separator: "\n").count { $0.hasPrefix(":") } >= 12
            }
            try await record(rig, order, 1..<2)
            try await eventually("the entry") { follower.ids == [1] }
            #expect(follower.end == nil)
        }
    }

    @Test("one stream more than may be gets 503, and a client that leaves frees its place at once")
    func limit() async throws {
        let hub = JourneyHub(limit: 1)
        try await serving(hub) { rig, url in
            let address = "\(url)/orders/\(try await rig.place(1)[0].id)/events"
            let first = Follower.start(address)
            try await eventually("it follows") { first.answer == 200 }
            let refused = try await HTTPClient().send(Curl.HTTPRequest("GET", address))
            #expect(refused.status == 503)
            #expect(refused.header("Content-Type") == "application/problem+json")
            #expect(refused.header("Retry-After") == "5")
            first.leave()
            try await eventually("its place is free") { hub.count == 0 }
            let next = Follower.start(address)
            try await eventually("the next follows") { next.answer == 200 }
        }
        #expect(hub.count == 0)
    }

    @Test("a client that does not read is cut off, and misses nothing when it comes back")
    func slow() async throws {
        let hub = JourneyHub(heartbeat: .milliseconds(50))
        try await serving(hub) { rig, url in
            let order = try await rig.place(1)[0]
            let address = "\(url)/orders/\(order.id)/events"
            let gate = StuckGate()
            let stuck = Follower.start(address, gate: gate)
            try await eventually("it follows") { hub.count == 1 }
            let detail = String(repeating: "x", count: 50_000)
            var attempt = 1
            while hub.count == 1, attempt < 2_000 {
                try await record(rig, order, attempt..<attempt + 20, detail: detail)
                attempt += 20
            }
            try await eventually("it is cut off") { hub.count == 0 }
            gate.open()
            try await eventually("it knows") { stuck.end != nil }
            let last = try #require(stuck.ids.last)
            #expect(stuck.ids == Array(1...last) && last < attempt - 1)
            let again = Follower.start(address, after: "\(last)")
            try await eventually("the rest comes") { again.ids.last == attempt - 1 }
            #expect(again.ids == Array(last + 1..<attempt))
        }
    }

    @Test("stopping ends every stream in order, and waits for none that does not read")
    func stopping() async throws {
        let hub = JourneyHub()
        let gate = StuckGate()
        var follower: Follower?
        var stuck: Follower?
        var begin = ContinuousClock.now
        try await serving(hub) { rig, url in
            let orders = try await rig.place(2)
            follower = Follower.start("\(url)/orders/\(orders[0].id)/events")
            stuck = Follower.start("\(url)/orders/\(orders[1].id)/events", gate: gate)
            try await eventually("both follow") { hub.count == 2 }
            try await eventually("the first reads") { follower?.said.isEmpty == false }
            begin = .now
        }
        #expect(begin.duration(to: .now) < .seconds(10))
        try await eventually("it ended in order") { follower?.end == "in order" }
        gate.open()
        try await eventually("the other one ended") { stuck?.end != nil }
        #expect(hub.follow("any", disconnect: {}) == nil)
    }
}
