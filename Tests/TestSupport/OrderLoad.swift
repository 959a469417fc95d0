import Curl
import FoundationEssentials
import Synchronization

/// Places orders at a steady rate until it is told to finish, whatever happens to the order service.
///
/// Each order has an idempotency key of its own and is sent again under it until it has an answer, so that afterwards
/// every order is accepted, once. User, product and quantity follow from the order's number.
public final class OrderLoad: Sendable {
    /// What came of it.
    public struct Record: Sendable {
        /// Orders whose `201` arrived, by number.
        public var accepted: [Int: String] = [:]
        /// Other answers than `201`, with what they said; every one is a finding.
        public var refused: [String] = []
        /// Requests without an answer within the timeout although the service ran: hung.
        public var hung = 0
        /// Requests that broke off or found nobody, as when the service itself was killed.
        public var broken = 0
        /// How long each answered request took, in milliseconds.
        public var milliseconds: [Double] = []

        /// Nothing yet.
        public init() {}
    }

    private let base: String
    private let rate: Int
    private let http = HTTPClient(connections: 32)
    private let record = Mutex(Record())
    private let isFinished = Mutex(false)
    private let isResting = Mutex(false)
    private let underWay = Mutex(0)
    private let first: Int

    /// Longest that one request may take before it counts as hung.
    private static let patience = Duration.seconds(10)

    /// Describes a load; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - base: The order service's address, without a path.
    ///   - rate: Orders a second; where answers are slower, at most 64 wait.
    ///   - first: The first order's number.
    public init(to base: String, rate: Int, first: Int = 1) {
        self.base = base
        self.rate = rate
        self.first = first
    }

    /// What has come of it so far.
    public var soFar: Record { record.withLock { $0 } }

    /// Ends it; ``run()`` returns when every order begun has its answer.
    public func finish() {
        isFinished.withLock { $0 = true }
    }

    /// Places orders until ``finish()``.
    ///
    /// - Throws: ``NotInTime`` where an order is not accepted within two minutes.
    public func run() async throws {
        var due = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            var number = first
            var waiting = 0
            while !isFinished.withLock({ $0 }) {
                due = max(due, .now - .seconds(1)).advanced(by: .seconds(1) / rate)
                try await Task.sleep(until: due, clock: .continuous)
                guard begin() else { continue }
                if waiting == 64 {
                    try await group.next()
                    waiting -= 1
                }
                group.addTask { [number] in
                    defer { self.underWay.withLock { $0 -= 1 } }
                    try await self.place(number)
                }
                waiting += 1
                number += 1
            }
            try await group.waitForAll()
        }
    }

    /// Begins no order while the body runs, which starts when every order begun has its answer.
    public func rest(while body: () async throws -> Void) async throws {
        isResting.withLock { $0 = true }
        defer { isResting.withLock { $0 = false } }
        try await eventually(within: .seconds(60), "no order is under way") { underWay.withLock { $0 } == 0 }
        try await body()
    }

    /// Waits until so many more orders are accepted than now.
    public func more(_ count: Int, within deadline: Duration = .seconds(120)) async throws {
        let before = soFar.accepted.count
        try await eventually(within: deadline, "\(count) more orders are accepted") {
            soFar.accepted.count >= before + count
        }
    }

    /// The product of an order; with the quantity it tells a lost order from a doubled one.
    public static func product(of number: Int) -> Int { 2 + number % 6 }

    /// How much of it.
    public static func quantity(of number: Int) -> Int { 1 + number % 5 }

    private func begin() -> Bool {
        // Counted first: whoever begins to rest then waits for this one, or this one sees the rest.
        underWay.withLock { $0 += 1 }
        guard isResting.withLock({ $0 }) else { return true }
        underWay.withLock { $0 -= 1 }
        return false
    }

    private func place(_ number: Int) async throws {
        try await eventually(within: .seconds(120), "order \(number) is accepted") {
            try await attempt(number)
        }
    }

    private func attempt(_ number: Int) async throws -> Bool {
        let product = Self.product(of: number)
        let quantity = Self.quantity(of: number)
        let request = HTTPRequest(
            "POST",
            base + "/orders",
            headers: [("Content-Type", "application/json"), ("Idempotency-Key", "load-\(number)")],
            body: Array(
                #"{"user_id":\#(number),"product_id":\#(product),"quantity":\#(quantity),"price":1.25}"#.utf8
            ),
            timeout: Self.patience
        )
        let started = ContinuousClock.now
        do throws(HTTPClientError) {
            let answer = try await http.send(request)
            note(answer, number, started.duration(to: .now))
            return answer.status == 201
        } catch {
            let isHung = started.duration(to: .now) >= Self.patience
            record.withLock { record in
                if isHung { record.hung += 1 } else { record.broken += 1 }
            }
            return false
        }
    }

    private func note(_ answer: HTTPResponse, _ number: Int, _ length: Duration) {
        struct Success: Decodable {
            struct Order: Decodable { var id: String }
            var order: Order
        }
        let id = try? JSONDecoder().decode(Success.self, from: Data(answer.body)).order.id
        record.withLock { record in
            record.milliseconds.append(length / .milliseconds(1))
            if answer.status == 201, let id {
                record.accepted[number] = id
            } else {
                record.refused.append("order \(number): \(answer.status) \(answer.text.prefix(200))")
            }
        }
    }
}

extension OrderLoad.Record {
    /// The share `part` (0…1) of all requests was answered within so many milliseconds.
    public func percentile(_ part: Double) -> Double {
        guard !milliseconds.isEmpty else { return 0 }
        let sorted = milliseconds.sorted()
        return sorted[min(Int(Double(sorted.count) * part), sorted.count - 1)]
    }
}
