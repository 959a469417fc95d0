public import Logging
public import Metrics
internal import ServiceLifecycle
internal import Synchronization

/// Makes handlers wait while the server that all of them need is down.
///
/// A waiting handler keeps its place, so that the worker takes no more events once all places are taken: they stay in
/// the queue, and not in retries, until one of those who wait has tried the server with success.
///
/// Any task. Says in the log when it opens, probes and closes, and in the gauge `circuit_breaker_open` (1 or 0).
public final class CircuitBreaker: Sendable {
    /// The right to try once.
    public typealias Permit = BreakerMachine<ContinuousClock.Instant>.Permit
    /// What a failure means for the one who reports it.
    public typealias Consequence = BreakerMachine<ContinuousClock.Instant>.Consequence

    /// The answer to a handler.
    public enum Admission: Hashable, Sendable {
        /// Try, then report.
        case permitted(Permit)
        /// The wait has become too long.
        case heldTooLong
        /// The program is stopping, or the task was cancelled.
        case stopping
    }

    private struct Contents {
        var machine: BreakerMachine<ContinuousClock.Instant>
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var last = 0
        var changes = 0
        var isStopping = false
    }

    /// Names it in the log and in the metric.
    public let name: String
    private let contents: Mutex<Contents>
    private let logger: Logger
    private let gauge: Gauge

    /// Creates a closed breaker.
    /// - Parameters:
    ///   - name: What it guards, such as `smtp`; the label `transport` of the gauge.
    ///   - policy: When it opens.
    ///   - logger: Told of opening, probing and closing.
    ///   - metrics: Where the gauge is kept.
    public init(_ name: String, policy: BreakerPolicy, logger: Logger, metrics: any MetricsFactory) {
        self.name = name
        self.logger = logger
        contents = Mutex(Contents(machine: BreakerMachine(policy)))
        gauge = Gauge(label: "circuit_breaker_open", dimensions: [("transport", name)], factory: metrics)
        gauge.record(0)
    }

    /// Whether events wait.
    public var isOpen: Bool { contents.withLock { $0.machine.isOpen } }

    /// Whether a permit still says what it said.
    public func isCurrent(_ permit: Permit) -> Bool { contents.withLock { $0.machine.isCurrent(permit) } }

    /// Waits until the server may be tried.
    ///
    /// Returns at once while the breaker is closed, when the program stops, and when the task is cancelled.
    /// - Parameter longest: How long to wait at most.
    /// - Returns: A permit, which must be reported, or why there is none.
    public func admit(within longest: Duration) async -> Admission {
        let limit = ContinuousClock.now.advanced(by: longest)
        while true {
            let now = ContinuousClock.now
            let (answer, changes, isStopping) = contents.withLock { contents in
                // A program that stops begins nothing that it would have to wait for.
                if contents.isStopping, contents.machine.isOpen {
                    return (BreakerMachine<ContinuousClock.Instant>.Answer.wait(until: nil), 0, true)
                }
                return (contents.machine.ask(at: now), contents.changes, false)
            }
            if isStopping || Task.isCancelled {
                if case .pass(let permit) = answer { abandon(permit) }
                return .stopping
            }
            switch answer {
            case .pass(let permit):
                if permit.isProbe {
                    logger.info("Circuit breaker probes", metadata: ["transport": "\(name)"])
                }
                return .permitted(permit)
            case .wait(let moment):
                guard now < limit else { return .heldTooLong }
                await pause(until: min(moment ?? limit, limit), unlessChangedSince: changes)
            }
        }
    }

    /// The try went well.
    public func succeeded(_ permit: Permit) {
        change { $0.succeeded(permit) }
    }

    /// The try failed because of the server.
    /// - Parameters:
    ///   - permit: The try.
    ///   - wish: How long the server asked to be left alone; at most 15 minutes of it are granted.
    ///   - reason: For the log, without secrets.
    /// - Returns: Whether the failure counts as the event's own, or the event waits and tries again.
    public func failed(_ permit: Permit, wish: Duration? = nil, because reason: String) -> Consequence {
        change(because: reason) { $0.failed(permit, at: .now, wish: wish) }
    }

    /// The permit was not used, or the try says nothing about the server.
    public func abandon(_ permit: Permit) {
        change { $0.abandoned(permit, at: .now) }
    }

    private func change<Result>(
        because reason: String? = nil,
        _ apply: (inout BreakerMachine<ContinuousClock.Instant>) -> Result
    ) -> Result {
        let (result, before, after, waiting) = contents.withLock { contents in
            let before = contents.machine.state
            let result = apply(&contents.machine)
            let after = contents.machine.state
            guard before != after else {
                return (result, before, after, [CheckedContinuation<Void, Never>]())
            }
            contents.changes += 1
            defer { contents.waiting = [:] }
            return (result, before, after, contents.waiting.values.map { $0 })
        }
        for continuation in waiting { continuation.resume() }
        tell(before, after, reason)
        return result
    }

    private func tell(
        _ before: BreakerMachine<ContinuousClock.Instant>.State,
        _ after: BreakerMachine<ContinuousClock.Instant>.State,
        _ reason: String?
    ) {
        var metadata: Logger.Metadata = ["transport": "\(name)"]
        switch (before, after) {
        case (.closed, .open(let until, _)), (.probing, .open(let until, _)):
            gauge.record(1)
            guard let reason else { return }
            let pause = ContinuousClock.now.duration(to: until)
            metadata["error"] = "\(reason)"
            // The moments since it opened are nobody's concern: 5s, not 4999ms.
            let tenths = (DelayText.milliseconds(of: pause) + 50) / 100
            metadata["probe_in"] = "\(DelayText.text(for: .milliseconds(tenths * 100)))"
            if case .closed = before {
                logger.error("Circuit breaker opened: events wait in the queue", metadata: metadata)
            } else {
                logger.warning("Circuit breaker stays open: the probe failed", metadata: metadata)
            }
        case (.probing, .closed):
            gauge.record(0)
            logger.info("Circuit breaker closed: events flow again", metadata: metadata)
        default: break
        }
    }

    private func pause(until moment: ContinuousClock.Instant, unlessChangedSince changes: Int) async {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await Task.sleep(until: moment, clock: .continuous) }
                group.addTask { await self.waitForChange(since: changes) }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func stop() {
        let waiting = contents.withLock { contents in
            contents.isStopping = true
            contents.changes += 1
            defer { contents.waiting = [:] }
            return contents.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume() }
    }

    private func waitForChange(since changes: Int) async {
        let id = contents.withLock { contents in
            contents.last += 1
            return contents.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = contents.withLock { contents in
                    if contents.changes != changes || Task.isCancelled { return true }
                    contents.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            contents.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }
}
