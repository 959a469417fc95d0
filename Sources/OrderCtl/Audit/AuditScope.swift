import OrderEvents

/// What an audit compares, and with what.
struct AuditScope: Sendable {
    /// The client's own record; nil where there is none.
    var record: AcceptedRecord?
    /// Whether the record has every order of the store, so that one that it does not have was accepted twice.
    var isRecordComplete = false
    /// What left for customers; nil where nobody kept it.
    var mails: MailRecord?
    /// Only orders accepted before this moment: what comes later is under way.
    var until = Timestamp.now
}

extension AuditScope {
    /// An id that no order of the time after ``until`` sorts before.
    var end: String { Self.floor(until.milliseconds) }

    /// An id below those of events that may belong to an order right before ``until``.
    var receiptsEnd: String { Self.floor(until.milliseconds - 1_000) }

    /// An id of a moment's first millisecond, below all that were made in it.
    static func floor(_ milliseconds: Int64) -> String {
        UUIDv7(high: UInt64(max(0, milliseconds)) << 16, low: 0).description
    }
}
