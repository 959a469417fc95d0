import SystemPackage

/// What a soak is to do; everything random in it follows from the seed.
struct SoakPlan: Sendable {
    /// A wrong effect put into the stores before the audit, to prove that it is found.
    enum Plant: String, CaseIterable, Sendable {
        /// One order's pieces are back in the stock, and its receipt is gone.
        case loss
        /// One order's pieces are taken once more, under the same receipt.
        case double
    }

    /// Orders a second.
    var rate: Int
    /// How long orders are placed.
    var length: Duration
    /// Decides what breaks, and when.
    var seed: UInt64
    /// Something breaks at least so often.
    var every: Duration
    /// Of each service.
    var workers: Int
    /// How long everything may take to come to rest after the load.
    var patience: Duration
    var plant: Plant?
    /// Everything is below it.
    var directory: FilePath

    /// The workers' names, and the order service's.
    var programs: [String] {
        AuditStores.services.flatMap { service in (1...workers).map { "\(service)-worker-\($0)" } } + [
            "order-service"
        ]
    }

    /// What breaks.
    var schedule: ChaosSchedule {
        ChaosSchedule(seed: seed, length: length, every: every, programs: programs)
    }

    /// The directory of `orderctl up`, with the databases.
    var upDirectory: FilePath { directory.appending("up") }
    /// The client's record.
    var accepted: FilePath { directory.appending("accepted.txt") }
    /// The ids of every mail that left.
    var mails: FilePath { directory.appending("mails.txt") }
}
