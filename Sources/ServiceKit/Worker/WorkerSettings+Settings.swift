internal import OrderEvents
public import WorkQueue

extension WorkerSettings {
    /// Reads how a worker works.
    ///
    /// - `worker.prefetch` (1…2000): events held at once, those that wait included.
    /// - `worker.concurrency` (1…1000): events handled at once.
    /// - `worker.drain` (0…`1h`, default `25s`): time to finish what was begun when told to stop.
    /// - `worker.filter`: an expression over the events to handle; default `true`, all of them.
    /// - `worker.broker-filter`: the headers by which the broker keeps events back, or `true` for `worker.filter`; default
    ///   `false`.
    /// - `retry.delays` (up to 20, each `10ms`…`24h`, or `none`): default `1s,5s,30s,2m,10m`.
    ///
    /// - Parameters:
    ///   - checklist: Notes what is wrong.
    ///   - exchange: Where the events come from.
    public init(reading checklist: inout SettingsChecklist, exchange: String) {
        let usual = WorkerSettings(exchange: exchange)
        let prefetch = checklist.integer(
            "worker.prefetch",
            in: 1...2_000,
            default: usual.prefetch,
            "events held at once, those that wait included"
        )
        let concurrency = checklist.integer(
            "worker.concurrency",
            in: 1...1_000,
            default: usual.concurrency,
            "events handled at once"
        )
        let drain = checklist.duration(
            "worker.drain",
            in: .zero ... .seconds(3_600),
            default: usual.drain,
            "time to finish what was begun when told to stop"
        )
        let filters = FilterSettings(reading: &checklist)
        self.init(
            prefetch: prefetch,
            concurrency: concurrency,
            drain: drain,
            retry: RetryPolicy(reading: &checklist),
            exchange: exchange,
            outcomesExchange: OrderEvents.outcomesExchangeName,
            filter: filters.filter,
            brokerFilter: filters.brokerFilter
        )
        if prefetch < concurrency {
            checklist.refuse(
                "worker.prefetch",
                because: "must be at least worker.concurrency, \(concurrency)"
            )
        }
    }
}

extension RetryPolicy {
    /// Reads `retry.delays`: one attempt first, then one after each delay, then the dead letters.
    ///
    /// - Parameter checklist: Notes what is wrong.
    public init(reading checklist: inout SettingsChecklist) {
        let usual = RetryPolicy.standard
        self = checklist.value(
            "retry.delays",
            default: usual,
            shownAs: usual.delays.map(DurationText.text).joined(separator: ","),
            "waits between attempts, comma-separated"
        ) { text throws(BrokenRule) in
            guard let delays = text == "none" ? [] : DurationText.parseList(text) else {
                throw BrokenRule("must be comma-separated durations such as 1s,5s,2m, or none")
            }
            do throws(RetryPolicy.Invalid) {
                return try RetryPolicy(delays: delays)
            } catch {
                throw BrokenRule(error.description)
            }
        }
    }
}
