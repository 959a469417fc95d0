import OrderEvents

/// Compares the client's record with the store, both in the order of ids: a merge that looks at each once.
///
/// Pure.
struct RecordJoin {
    private let record: [UUIDv7]
    private var next = 0
    /// How many are in both.
    private(set) var matched = 0
    /// In the record, and not in the store.
    private(set) var missing: [UUIDv7] = []
    /// In the store, and not in the record.
    private(set) var unrecorded: [UUIDv7] = []

    init(_ record: AcceptedRecord) {
        self.record = record.orders
    }

    /// Takes the store's next order; ids must rise from call to call.
    mutating func take(_ order: UUIDv7) {
        while next < record.count, record[next] < order { pass() }
        if next < record.count, record[next] == order {
            matched += 1
            next += 1
        } else {
            unrecorded.append(order)
        }
    }

    /// The store has no more.
    mutating func finish() {
        while next < record.count { pass() }
    }

    private mutating func pass() {
        missing.append(record[next])
        next += 1
    }
}
