import Synchronization

/// What one part of a program says about itself.
public enum HealthCheck: Sendable, Equatable {
    /// It can do its work.
    case ok
    /// It cannot; the reason is one line without secrets.
    case failing(String)
}

/// What a program says about itself.
public struct HealthReport: Sendable, Equatable {
    /// Every check by name, sorted.
    public let checks: [(name: String, result: HealthCheck)]

    /// True where no check fails.
    public var isHealthy: Bool { checks.allSatisfy { $0.result == .ok } }

    /// `{"status":"ok","checks":{"broker":"ok"}}`; a failing check has its reason as value, and `status` is
    /// `unavailable` then.
    public var json: String {
        var json = JSONText()
        json.beginObject()
        json.name("status")
        json.string(isHealthy ? "ok" : "unavailable")
        json.name("checks")
        json.beginObject()
        for check in checks {
            json.name(check.name)
            switch check.result {
            case .ok: json.string("ok")
            case .failing(let reason): json.string(reason)
            }
        }
        json.endObject()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Same names with the same results.
    ///
    /// - Parameters:
    ///   - left: One report.
    ///   - right: Another.
    /// - Returns: Whether they say the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.checks.elementsEqual(right.checks) { $0.name == $1.name && $0.result == $1.result }
    }
}

/// Knows how to ask every part of a program whether it can work.
///
/// Any task. Checks run side by side, each with a deadline; one that is still hanging from an earlier question is
/// reported as hanging instead of being started again, so at most one run of each exists.
public final class HealthRegistry: Sendable {
    private struct Entry {
        var check: @Sendable () async -> HealthCheck
        var isRunning = false
    }

    private struct Contents {
        var entries: [String: Entry] = [:]
        var isStopping = false
    }

    private let contents = Mutex(Contents())
    private let deadline: Duration

    /// Creates a registry without checks, which is healthy.
    ///
    /// - Parameter deadline: Longest wait for each check.
    public init(deadline: Duration = .seconds(1)) {
        self.deadline = deadline
    }

    /// Adds or replaces a check.
    ///
    /// - Parameters:
    ///   - name: A word, `broker`, `database`.
    ///   - check: Quick, free of side effects.
    public func register(_ name: String, check: @escaping @Sendable () async -> HealthCheck) {
        contents.withLock { $0.entries[name] = Entry(check: check) }
    }

    /// Makes every later ``readiness()`` fail with `stopping`, so that nobody sends new work here.
    public func beginStopping() {
        contents.withLock { $0.isStopping = true }
    }

    /// Whether the process runs at all; no check takes part, for restarting would not mend a broker.
    public var liveness: HealthReport { HealthReport(checks: []) }

    /// Asks every check.
    ///
    /// - Returns: All results, after at most the deadline.
    public func readiness() async -> HealthReport {
        let (names, isStopping) = contents.withLock { ($0.entries.keys.sorted(), $0.isStopping) }
        var results = await withTaskGroup(of: (String, HealthCheck).self) { group in
            for name in names {
                group.addTask { (name, await self.ask(name)) }
            }
            return await group.reduce(into: [String: HealthCheck]()) { $0[$1.0] = $1.1 }
        }
        if isStopping { results["program"] = .failing("stopping") }
        return HealthReport(
            checks: results.sorted { $0.key < $1.key }.map { (name: $0.key, result: $0.value) }
        )
    }

    private func ask(_ name: String) async -> HealthCheck {
        let check: (@Sendable () async -> HealthCheck)? = contents.withLock { contents in
            guard let entry = contents.entries[name], !entry.isRunning else { return nil }
            contents.entries[name]?.isRunning = true
            return entry.check
        }
        let late = HealthCheck.failing("no answer within \(DurationText.text(deadline))")
        guard let check else { return late }
        let answer = await Patience.wait(deadline) {
            let answer = await check()
            self.contents.withLock { $0.entries[name]?.isRunning = false }
            return answer
        }
        return answer ?? late
    }
}
