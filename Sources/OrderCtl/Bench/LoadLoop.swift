/// Places orders over plain HTTP from one thread, over connections that stay open.
///
/// Written for a load that shares its processors with the server: a request costs one write, one read, and its share of one
/// wait; nothing is encoded, no other thread is woken.
struct LoadLoop: ~Copyable {
    private let plan: LoadPlan
    private let addresses: [ServerAddress]
    private let requests: [[UInt8]]
    private let stop: StopSign
    private var began: Int64
    private let connections: [LoadConnection]
    private var readiness: ReadinessSet
    private var schedule: SendSchedule
    private var record = LoadRecord()
    private var idle: [Int] = []
    private var underWay = 0
    private var nextCheck: Int64 = 0
    /// Which of the addresses is used; the next one after a failure to connect.
    private var chosen = 0

    /// How often waits are looked at, and whether somebody wants an end.
    private static let checkInterval: Int64 = 50_000_000
    /// Before somebody who did not answer is called again.
    private static let rest: Int64 = 100_000_000
    /// What is due within this time goes out together.
    ///
    /// A wake for each of thousands a second would measure the waking. The wait counts, as any other.
    private static let gather: Int64 = 1_000_000
    /// How long connections are waited for before the load begins without those that are missing.
    private static let opening: Int64 = 2_000_000_000

    /// Prepares it; nil where the system has no descriptor left.
    ///
    /// - Precondition: At least one address, and one request.
    init?(_ plan: LoadPlan, to addresses: [ServerAddress], _ requests: [[UInt8]], until stop: StopSign) {
        guard let readiness = ReadinessSet() else { return nil }
        self.plan = plan
        self.addresses = addresses
        self.requests = requests
        self.stop = stop
        self.readiness = readiness
        began = SystemSeam.nanoseconds()
        connections = (0..<plan.connections).map { _ in LoadConnection() }
        schedule = SendSchedule(plan.pace, length: plan.length.wholeNanoseconds)
        idle.reserveCapacity(plan.connections)
    }

    private var now: Int64 { SystemSeam.nanoseconds() - began }

    /// Runs until the time is over, or the sign is raised, and what is under way has ended or lost its patience.
    ///
    /// The time begins when the connections stand: a server that greets a thousand clients at once is another measurement.
    mutating func run() -> LoadRecord {
        open()
        begin()
        var now = now
        while true {
            if now >= nextCheck { check(at: now) }
            issue(at: now)
            let isFinished = schedule.isFinished(at: now)
            if isFinished, underWay == 0 { break }
            // Whoever has found no connection by now never will.
            if now >= schedule.end + plan.patience.wholeNanoseconds { break }
            var patience = max(nextCheck - now, 0)
            if !idle.isEmpty, let wait = schedule.wait(at: now) {
                patience = min(patience, max(wait, Self.gather))
            }
            now = react(within: patience)
        }
        record.unsent = schedule.overdue(at: now)
        for _ in 0..<underWay { record.failed(.timedOut) }
        record.nanoseconds = max(record.nanoseconds, schedule.end)
        return record
    }

    private mutating func open() {
        while idle.count < connections.count, now < Self.opening, !stop.isRaised {
            if now >= nextCheck { check(at: now) }
            _ = react(within: max(nextCheck - now, 0))
        }
    }

    /// Sets the clock to zero; what does not stand by now is opened anew.
    private mutating func begin() {
        began = SystemSeam.nanoseconds()
        nextCheck = 0
        for connection in connections where !connection.isIdle { connection.close(until: 0) }
        plan.begun?()
    }

    /// Waits for what happens on the connections, and does what it asks for.
    ///
    /// - Returns: The time at which it happened.
    private mutating func react(within nanoseconds: Int64) -> Int64 {
        let count = readiness.sleep(nanoseconds: nanoseconds)
        let now = now
        for place in 0..<count {
            let (number, change) = readiness.change(place)
            react(to: change, of: number, at: now)
        }
        return now
    }

    /// Sends what is due, as far as there are connections.
    private mutating func issue(at now: Int64) {
        while let number = idle.last, let intended = schedule.take(at: now) {
            idle.removeLast()
            let request = requests[record.begun % requests.count]
            record.begun += 1
            underWay += 1
            if !connections[number].send(request, intended: intended, at: now) {
                fail(number, .broken, at: now)
            }
        }
    }

    private mutating func react(to change: ReadinessSet.Change, of number: Int, at now: Int64) {
        let connection = connections[number]
        switch connection.phase {
        case .closed: break
        case .connecting:
            if connection.isConnected() {
                idle.append(number)
            } else {
                record.refusedConnections += 1
                chosen += 1
                connection.close(until: now + Self.rest)
            }
        case .idle:
            // Nothing was asked, so this is the end.
            guard change.contains(.readable) else { return }
            idle.removeAll { $0 == number }
            reopen(number, at: now)
        case .waiting(let intended, _):
            if change.contains(.writable), !connection.flush() { return fail(number, .broken, at: now) }
            guard change.contains(.readable) else { return }
            switch connection.read(hasEnded: change.contains(.ended)) {
            case .incomplete: break
            case .failed(let failure): fail(number, failure, at: now)
            case .answer(let answer): note(answer, intended, number, at: now)
            }
        }
    }

    private mutating func note(_ answer: HTTPAnswer, _ intended: Int64, _ number: Int, at now: Int64) {
        underWay -= 1
        record.answered(answer.status, intended: intended, at: now)
        if answer.status == 201, let order = answer.order {
            plan.accepted?(order, began + intended, began + now)
        }
        if answer.closes {
            reopen(number, at: now)
        } else {
            connections[number].becomeIdle()
            idle.append(number)
        }
    }

    private mutating func fail(_ number: Int, _ failure: LoadRecord.Failure, at now: Int64) {
        underWay -= 1
        record.failed(failure)
        reopen(number, at: now)
    }

    private mutating func reopen(_ number: Int, at now: Int64) {
        let address = addresses[chosen % addresses.count]
        guard let stream = connections[number].open(to: address, at: now) else {
            record.refusedConnections += 1
            connections[number].close(until: now + Self.rest)
            return
        }
        readiness.watch(stream, as: number)
    }

    /// Ends waits that are too long, opens what is closed, and looks whether somebody wants an end.
    private mutating func check(at now: Int64) {
        nextCheck = now + Self.checkInterval
        if stop.isRaised { schedule.stop(at: now) }
        let patience = plan.patience.wholeNanoseconds
        for (number, connection) in connections.enumerated() {
            switch connection.phase {
            case .closed(let time) where time <= now: reopen(number, at: now)
            case .connecting(let since) where now - since > patience:
                record.refusedConnections += 1
                reopen(number, at: now)
            case .waiting(_, let since) where now - since > patience: fail(number, .timedOut, at: now)
            default: break
            }
        }
    }
}
