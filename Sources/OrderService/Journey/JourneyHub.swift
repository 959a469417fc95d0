import Metrics
import ServiceLifecycle
import Synchronization

/// Tells whoever follows an order to look for new entries of its journey, and keeps their connections alive.
///
/// `run()` gives every stream a sign of life now and then; it ends on graceful shutdown, after it has ended all streams.
/// Start it after the HTTP server: it is told to stop before, so that no stream holds the server up.
final class JourneyHub: Service {
    /// Most streams at once, unless another limit is asked for.
    static let usualLimit = 1_000
    /// Silence on a stream, at most.
    static let heartbeat = Duration.seconds(15)
    /// Longest wait for streams to end in order once the program stops.
    static let stopPatience = Duration.seconds(1)

    private struct State {
        var outlets: [Int: JourneyOutlet] = [:]
        var numbers: [String: Set<Int>] = [:]
        var last = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let heartbeat: Duration
    private let open = Meter(label: "journey_streams")
    private let cut = Counter(label: "journey_streams_cut_total")

    init(limit: Int = usualLimit, heartbeat: Duration = heartbeat) {
        self.limit = limit
        self.heartbeat = heartbeat
    }

    /// How many streams there are.
    var count: Int { state.withLock { $0.outlets.count } }

    /// Begins a stream of an order's new entries, unless there are as many as may be or the program stops.
    ///
    /// - Parameters:
    ///   - order: The order's id.
    ///   - disconnect: Closes the client's connection at once; called for one that does not read.
    /// - Returns: The stream; it is over when nobody holds it.
    func follow(_ order: String, disconnect: @escaping @Sendable () -> Void) -> JourneySubscription? {
        let outlet = JourneyOutlet(disconnect: disconnect)
        let number: Int? = state.withLock { state in
            guard !state.isClosed, state.outlets.count < limit else { return nil }
            state.last += 1
            state.outlets[state.last] = outlet
            state.numbers[order, default: []].insert(state.last)
            open.set(state.outlets.count)
            return state.last
        }
        return number.map { number in
            JourneySubscription(outlet) { [weak self] in self?.leave(number, order) }
        }
    }

    private func leave(_ number: Int, _ order: String) {
        state.withLock { state in
            state.outlets[number] = nil
            state.numbers[order]?.remove(number)
            if state.numbers[order]?.isEmpty == true { state.numbers[order] = nil }
            open.set(state.outlets.count)
        }
    }

    /// Has the streams of these orders look for what was kept of them.
    ///
    /// Called right after each commit, on the writer's thread; short locks only. Costs next to nothing where nobody
    /// follows anything.
    func announce(_ orders: Set<String>) {
        let followed = state.withLock { state in
            state.numbers.isEmpty
                ? [] : orders.flatMap { state.numbers[$0] ?? [] }.compactMap { state.outlets[$0] }
        }
        for outlet in followed { outlet.sendLook() }
    }

    /// Gives every stream a sign of life.
    func beat() {
        for outlet in outlets where !outlet.sendBeat() { cut.increment() }
    }

    /// Has every stream look for entries that another process kept.
    func look() {
        for outlet in outlets { outlet.sendLook() }
    }

    private var outlets: [JourneyOutlet] { state.withLock { Array($0.outlets.values) } }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while (try? await Task.sleep(for: heartbeat)) != nil { beat() }
        }
        state.withLock { $0.isClosed = true }
        for outlet in outlets { outlet.finish() }
        let limit = ContinuousClock.now.advanced(by: Self.stopPatience)
        while count > 0, ContinuousClock.now < limit {
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { break }
        }
        for outlet in outlets { outlet.disconnect() }
    }
}

/// What a stream is told.
enum JourneySignal: Sendable {
    /// Nothing has happened for a while.
    case beat
    /// An entry may have been kept.
    case look
}

/// The hub's end of a stream: tells it when to look, and holds nothing of what it has not read.
final class JourneyOutlet: Sendable {
    /// Signs of life that may pass while a client takes nothing, one minute's.
    static let beatLimit = 4

    let signals: AsyncStream<JourneySignal>
    private let continuation: AsyncStream<JourneySignal>.Continuation
    private let unreadBeats = Atomic<Int>(0)
    private let isLookUnread = Atomic<Bool>(false)
    let disconnect: @Sendable () -> Void

    init(disconnect: @escaping @Sendable () -> Void) {
        self.disconnect = disconnect
        (signals, continuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(Self.beatLimit + 1)
        )
    }

    /// Sends a sign of life, or cuts a client off that takes nothing.
    ///
    /// - Returns: False where it was cut off.
    func sendBeat() -> Bool {
        guard unreadBeats.add(1, ordering: .relaxed).newValue <= Self.beatLimit else {
            continuation.finish()
            disconnect()
            return false
        }
        // Where there is no room, enough of them wait.
        continuation.yield(.beat)
        return true
    }

    /// Has the client's stream look at the table, unless it is about to; one that is behind will do so anyway.
    func sendLook() {
        guard !isLookUnread.exchange(true, ordering: .sequentiallyConsistent) else { return }
        // Where there is no room, signs of life wait, and each has the stream look.
        if case .dropped = continuation.yield(.look) { lookWasRead() }
    }

    /// The stream looks now.
    func lookWasRead() {
        isLookUnread.store(false, ordering: .sequentiallyConsistent)
    }

    /// The client has taken something, be it an entry or a sign of life.
    func clientTook() {
        unreadBeats.store(0, ordering: .relaxed)
    }

    /// Ends the stream in order.
    func finish() {
        continuation.finish()
    }
}

/// A client's end of a stream; the hub forgets the stream when nobody holds this.
final class JourneySubscription: Sendable {
    let outlet: JourneyOutlet
    private let leave: @Sendable () -> Void

    init(_ outlet: JourneyOutlet, leave: @escaping @Sendable () -> Void) {
        self.outlet = outlet
        self.leave = leave
    }

    deinit {
        leave()
    }
}
