public import EventFilter

/// How a worker works.
public struct WorkerSettings: Hashable, Sendable {
    /// `worker.prefetch`: deliveries that wait here at most, 1 to 2000.
    ///
    /// At least ``concurrency``.
    public var prefetch: Int
    /// `worker.concurrency`: events handled at once, 1 to 1000.
    public var concurrency: Int
    /// `worker.drain`: how long events in hand may take to finish when the worker stops.
    public var drain: Duration
    /// `retry.delays`: when a failed event is tried again.
    public var retry: RetryPolicy
    /// The exchange that the service's queue is bound to.
    public var exchange: String
    /// The exchange that is told what became of each event; nil tells nobody.
    public var outcomesExchange: String?
    /// `worker.filter`: what it does not accept is acknowledged unseen; nil accepts everything.
    public var filter: EventFilter?
    /// `worker.broker-filter`: what the broker lets through to the service's queue; nil lets everything through.
    ///
    /// All instances of a service must have the same. The worker asks it again, so a binding that lets through more
    /// costs traffic only.
    public var brokerFilter: BrokerFilter?

    /// Creates settings.
    ///
    /// Prefetch 256 and concurrency 64 were measured: a worker with one SQLite transaction an event, on two cores with the
    /// broker beside it, does 15 times the events of one at a time (16 and 4: 3.4 times; 64 and 16: 9 times; 500 and 250: 17
    /// times). Beyond them there is little to gain, and a crash gives back, and counts against, everything prefetched.
    public init(
        prefetch: Int = 256,
        concurrency: Int = 64,
        drain: Duration = .seconds(25),
        retry: RetryPolicy = .standard,
        exchange: String,
        outcomesExchange: String? = nil,
        filter: EventFilter? = nil,
        brokerFilter: BrokerFilter? = nil
    ) {
        precondition(prefetch >= 1 && concurrency >= 1, "a worker that takes nothing would wait for ever")
        self.prefetch = prefetch
        self.concurrency = concurrency
        self.drain = drain
        self.retry = retry
        self.exchange = exchange
        self.outcomesExchange = outcomesExchange
        self.filter = filter
        self.brokerFilter = brokerFilter
    }
}
