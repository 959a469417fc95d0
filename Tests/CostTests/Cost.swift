import CAllocations

/// Something done once for each message or order, whose allocations are counted.
struct Cost {
    /// As in the baseline.
    let name: String
    /// Does it `count` times.
    let run: (_ count: Int) throws -> Void

    /// How many are done, and then done again and counted.
    static let count = 200

    /// How often malloc(3) and its kin are called for one, on average; the first ones are not counted.
    func allocations() throws -> Double {
        // Tables and caches that are made once have grown by then.
        try run(Self.count)
        let before = callocations_count()
        try run(Self.count)
        return Double(callocations_count() - before) / Double(Self.count)
    }
}
