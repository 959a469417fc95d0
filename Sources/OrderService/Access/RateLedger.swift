/// Counts what each client has left of its rate.
///
/// Pure: a token bucket for each client, of as many tokens as come in a second, at least one. Bounded: where too many
/// clients are known, those that have a full bucket are forgotten first, which changes nothing for them, then the half
/// that was quiet longest.
struct RateLedger<Instant: InstantProtocol> where Instant.Duration == Duration {
    private struct Bucket {
        var tokens: Double
        var filledAt: Instant
    }

    private let perSecond: Double
    private let limit: Int
    private var buckets: [String: Bucket] = [:]

    /// - Parameters:
    ///   - perSecond: More than 0.
    ///   - limit: Most clients remembered, at least 1.
    init(perSecond: Double, limit: Int = 10_000) {
        self.perSecond = perSecond
        self.limit = limit
    }

    private var capacity: Double { max(1, perSecond) }

    /// How many clients are remembered.
    var count: Int { buckets.count }

    /// A client asks for something.
    ///
    /// - Returns: Nil where it may have it; else how long until it may ask again, and nothing was taken.
    mutating func asked(_ client: String, at now: Instant) -> Duration? {
        if buckets[client] == nil { makeRoom(at: now) }
        var bucket = buckets[client] ?? Bucket(tokens: capacity, filledAt: now)
        bucket.tokens = filled(bucket, at: now)
        bucket.filledAt = max(bucket.filledAt, now)
        defer { buckets[client] = bucket }
        guard bucket.tokens >= 1 else { return .seconds((1 - bucket.tokens) / perSecond) }
        bucket.tokens -= 1
        return nil
    }

    private func filled(_ bucket: Bucket, at now: Instant) -> Double {
        let seconds = bucket.filledAt.duration(to: now) / .seconds(1)
        return min(capacity, bucket.tokens + max(0, seconds) * perSecond)
    }

    private mutating func makeRoom(at now: Instant) {
        guard buckets.count >= limit else { return }
        buckets = buckets.filter { filled($0.value, at: now) < capacity }
        guard buckets.count >= limit else { return }
        // Half at once, so that a crowd of new clients does not make each of them sort all others.
        let quietest = buckets.sorted { $0.value.filledAt < $1.value.filledAt }.prefix((limit + 1) / 2)
        for (client, _) in quietest { buckets.removeValue(forKey: client) }
    }
}
