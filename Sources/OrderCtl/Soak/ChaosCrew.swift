import FaultProxy
import Glibc
import RabbitMQNode
import Synchronization

/// Breaks a private system by its schedule, and mends it.
struct ChaosCrew: Sendable {
    let system: PrivateSystem
    let schedule: ChaosSchedule
    let began: ContinuousClock.Instant
    let log: ChaosLog
    let say: @Sendable (String) -> Void

    /// Works until the schedule or the task ends; what is broken then is mended.
    func run() async {
        for entry in schedule.entries {
            let due = began.advanced(by: entry.at)
            guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { return }
            let at = began.duration(to: .now)
            let failure = await perform(entry.action)
            log.note(entry.action, at: at, failure: failure)
            say("\(Self.clock(at))  \(entry.action)" + (failure.map { ": did not happen, \($0)" } ?? ""))
        }
    }

    /// Mends everything that may be broken still.
    func heal() async {
        await system.proxy.heal()
        await system.node.resume()
        for name in log.frozen { signal(name, SIGCONT) }
        guard log.raisedAlarm else { return }
        for _ in 0..<5 {
            if await alarm(limit: Self.usualLimit) == nil { return }
            // A broker that is being started again has forgotten the alarm, and answers soon.
            try? await Task.sleep(for: .seconds(2))
        }
    }

    /// `vm_memory_high_watermark.absolute` of a private node.
    private static let usualLimit = "1073741824"

    /// Breaks one thing and, where it has a length, mends it after that.
    ///
    /// - Returns: Why it did not happen; nil where it did.
    private func perform(_ action: ChaosAction) async -> String? {
        switch action {
        case .kill(let name): return signal(name, SIGKILL)
        case .killBroker:
            guard let pid = await system.node.pid else { return "the broker is away" }
            SystemSeam.signalGroup(pid, SIGKILL)
            return nil
        case .freeze(let name, let length):
            log.willFreeze(name)
            let failure = signal(name, SIGSTOP)
            await rest(length)
            signal(name, SIGCONT)
            return failure
        case .freezeBroker(let length):
            guard await system.node.pid != nil else { return "the broker is away" }
            await system.node.pause()
            await rest(length)
            await system.node.resume()
            return nil
        case .cutWire:
            return await system.proxy.cut() == 0 ? "no connection was open" : nil
        case .cutWireAfter(let bytes, let length):
            await system.proxy.treat(.cut(afterBytes: bytes))
            return await mendWire(after: length)
        case .stallWire(let way, let length):
            await system.proxy.treat(.stall, way.directions)
            return await mendWire(after: length)
        case .closeConnections:
            return await rabbitmqctl(["close_all_connections", "a soak closes them"])
        case .memoryAlarm(let length):
            log.willRaiseAlarm()
            if let failure = await alarm(limit: "1") { return failure }
            await rest(length)
            return await alarm(limit: Self.usualLimit)
        }
    }

    private func mendWire(after length: Duration) async -> String? {
        await rest(length)
        await system.proxy.heal()
        return nil
    }

    private func alarm(limit: String) async -> String? {
        await rabbitmqctl(["set_vm_memory_high_watermark", "absolute", limit])
    }

    /// Ends early when the task is cancelled, so that what is broken is mended at once.
    private func rest(_ length: Duration) async {
        try? await Task.sleep(for: length)
    }

    private func rabbitmqctl(_ arguments: [String]) async -> String? {
        let node = system.node
        // Unstructured because a cancelled soak still has to mend what it broke.
        let task = Task { () -> String? in
            do {
                _ = try await node.rabbitmqctl(arguments)
                return nil
            } catch {
                return "the broker is away"
            }
        }
        return await task.value
    }

    @discardableResult
    private func signal(_ name: String, _ signal: Int32) -> String? {
        guard let pid = system.pid(of: name) else { return "it does not run" }
        SystemSeam.signalGroup(pid, signal)
        return nil
    }

    /// `03:05`, minutes and seconds.
    static func clock(_ time: Duration) -> String {
        let seconds = time.components.seconds
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(seconds / 60)):\(two(seconds % 60))"
    }
}

extension ChaosAction.Stalled {
    fileprivate var directions: Set<Direction> {
        switch self {
        case .toBroker: [.toServer]
        case .fromBroker: [.toClient]
        case .both: [.toServer, .toClient]
        }
    }
}

/// What was broken so far; any task.
final class ChaosLog: Sendable {
    private struct Contents {
        var done: [String: Int] = [:]
        var missed: [String: Int] = [:]
        var notificationCrashes: [Duration] = []
        var frozen: Set<String> = []
        var raisedAlarm = false
    }

    private let contents = Mutex(Contents())

    /// Notes an action, and why it did not happen where it did not.
    func note(_ action: ChaosAction, at time: Duration, failure: String?) {
        contents.withLock { contents in
            if failure == nil {
                contents.done[action.kind, default: 0] += 1
            } else {
                contents.missed[action.kind, default: 0] += 1
            }
            if case .kill(let name) = action, failure == nil, name.hasPrefix("notification-worker") {
                contents.notificationCrashes.append(time)
            }
        }
    }

    func willFreeze(_ name: String) { contents.withLock { _ = $0.frozen.insert(name) } }
    func willRaiseAlarm() { contents.withLock { $0.raisedAlarm = true } }

    /// How often each kind happened.
    var done: [String: Int] { contents.withLock { $0.done } }
    /// How often each kind found nothing to break.
    var missed: [String: Int] { contents.withLock { $0.missed } }
    /// When a notification worker was killed, since the load began.
    var notificationCrashes: [Duration] { contents.withLock { $0.notificationCrashes } }
    /// Every program that was frozen once.
    var frozen: Set<String> { contents.withLock { $0.frozen } }
    var raisedAlarm: Bool { contents.withLock { $0.raisedAlarm } }
}
