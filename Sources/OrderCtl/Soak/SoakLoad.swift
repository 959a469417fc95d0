import Curl
import OrderEvents

/// Places orders at a steady rate, each under a key of its own, and again under the same key until it is answered.
///
/// Open loop: an order is due at its time, whatever became of those before it; at most ``concurrency`` are under way, and
/// later ones wait for a place.
struct SoakLoad: Sendable {
    let url: String
    /// Orders a second.
    let rate: Int
    /// Distinguishes this run's keys.
    let run: String
    let tally: SoakTally

    private let http = HTTPClient(connections: Self.concurrency)

    static let concurrency = 32
    /// How long one request may take before its outcome counts as unknown.
    static let patience = Duration.seconds(5)
    /// How long an order is sent again after the load ended.
    static let lastWords = Duration.seconds(60)
    /// The products ordered; each in different quantities, so that a lost and a doubled order do not cancel out.
    static let products = 6

    init(url: String, rate: Int, run: String, tally: SoakTally) {
        self.url = url
        self.rate = rate
        self.run = run
        self.tally = tally
    }

    /// Runs until the time is over or the task is cancelled, and every order begun is answered or given up.
    func run(for length: Duration) async {
        let began = ContinuousClock.now
        let deadline = began.advanced(by: length + Self.lastWords)
        await withTaskGroup(of: Void.self) { group in
            var underWay = 0
            var number = 0
            while !Task.isCancelled {
                let due = began.advanced(by: .nanoseconds(Int64(number) * 1_000_000_000 / Int64(rate)))
                guard due < began.advanced(by: length) else { break }
                guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { break }
                if underWay == Self.concurrency {
                    await group.next()
                    underWay -= 1
                }
                tally.note { $0.begun += 1 }
                let chosen = number
                // An order that was begun is sent until it is answered, also when the load is cut short.
                group.addTask { await Self.unabandoned { await place(chosen, by: deadline) } }
                underWay += 1
                number += 1
            }
        }
    }

    /// Runs the body to its end in a task that cancellation does not reach.
    private static func unabandoned(_ body: @escaping @Sendable () async -> Void) async {
        // Unstructured because a cancelled load still wants the answer to what it has sent.
        await Task { await body() }.value
    }

    private func place(_ number: Int, by deadline: ContinuousClock.Instant) async {
        let key = "soak-\(run)-\(number)"
        let quantity = 1 + number % 5
        let body =
            #"{"user_id":\#(1 + number % 50_000),"product_id":\#(1 + number % Self.products),"#
            + #""quantity":\#(quantity),"price":\#(1 + number % 9).25}"#
        var wait = Duration.milliseconds(50)
        var isFirst = true
        while ContinuousClock.now < deadline {
            if !isFirst {
                tally.note { $0.repeated += 1 }
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, .seconds(1))
            }
            isFirst = false
            if await attempt(body, key: key) { return }
        }
        tally.note { $0.unanswered.append(key) }
    }

    /// Sends it once.
    ///
    /// - Returns: Whether nothing is left to do.
    private func attempt(_ body: String, key: String) async -> Bool {
        let request = HTTPRequest(
            "POST",
            url + "/orders",
            headers: [("Content-Type", "application/json"), ("Idempotency-Key", key)],
            body: Array(body.utf8),
            timeout: Self.patience
        )
        let started = ContinuousClock.now
        let answer: HTTPResponse
        do throws(HTTPClientError) {
            answer = try await http.send(request)
        } catch {
            tally.note { figures in
                if error.advice == .checkBeforeRetrying {
                    figures.unknown += 1
                } else {
                    figures.unreachable += 1
                }
            }
            return false
        }
        return note(answer, key, started.duration(to: .now))
    }

    private func note(_ answer: HTTPResponse, _ key: String, _ length: Duration) -> Bool {
        if answer.status == 201, let id = Self.order(in: answer) {
            do {
                try tally.accepted(id, after: length)
                return true
            } catch {
                return unexpected("\(key): the record cannot be written: \(error)")
            }
        }
        if [429, 503].contains(answer.status) {
            tally.note { $0.busy += 1 }
            return false
        }
        return unexpected("\(key): \(answer.status) \(answer.text.prefix(200))")
    }

    private func unexpected(_ what: String) -> Bool {
        tally.note { figures in
            figures.unexpectedCount += 1
            if figures.unexpected.count < 20 { figures.unexpected.append(what) }
        }
        return true
    }

    private static func order(in answer: HTTPResponse) -> String? {
        answer.header("Location").flatMap { UUIDv7(String($0.suffix(36)))?.description }
    }
}
