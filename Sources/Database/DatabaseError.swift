/// A failure of durable storage.
public struct DatabaseError: Error, Hashable, Sendable {
    /// What happened, and who caused it.
    public enum Kind: Hashable, Sendable {
        /// Somebody else held the lock for the whole busy timeout, or too many writes wait already.
        ///
        /// Nothing was written; try again soon.
        case busy
        /// The disk, or the file's size limit, is used up. Nothing was written; an operator must make room.
        case full
        /// The file or its directory cannot be written. Nothing was written; an operator must change that.
        case readOnly
        /// A rule of the schema refused the row. The caller's data is wrong; nothing of its body was written.
        case constraint
        /// The file is damaged or no database. An operator must restore it.
        case corrupt
        /// The file cannot be opened or read, or memory ran out. Nothing was written.
        case unavailable
        /// The disk failed while a commit was on its way to it. The body may or may not be there after a restart.
        case outcomeUnknown
        /// This handle is closed. Nothing was written.
        case closed
        /// The location cannot be understood, or names an engine this build lacks.
        case unsupported
        /// The statement, its arguments or a column's type is wrong: a mistake in this program.
        case misuse
    }

    /// What was being attempted.
    public enum Operation: String, Hashable, Sendable {
        /// Reading a location, opening the file, or bringing its schema up to date.
        case open, migrate
        /// Starting a transaction, running one statement in it, or making it durable.
        case begin, statement, commit
    }

    /// What a caller may sensibly do.
    public enum Advice: Hashable, Sendable {
        /// The same call may succeed within moments.
        case retrySoon
        /// The same call may succeed once somebody has mended something.
        case retryLater
        /// Look whether it happened before doing it again.
        case checkBeforeRetrying
        /// The same call can never succeed.
        case giveUp
    }

    /// What happened.
    public let kind: Kind
    /// What was being attempted.
    public let operation: Operation
    /// One line for the log; holds neither argument values nor credentials.
    public let detail: String

    /// States a failure.
    public init(_ kind: Kind, during operation: Operation, _ detail: String) {
        self.kind = kind
        self.operation = operation
        self.detail = detail
    }

    /// Whether any other write would fare the same at this moment: the database's fault, not that of what was written.
    ///
    /// What failed so is worth doing again once somebody has mended the database, or released it, for as long as that
    /// takes.
    public var isOutage: Bool {
        switch kind {
        case .busy, .full, .readOnly, .unavailable, .corrupt, .outcomeUnknown: true
        case .constraint, .closed, .unsupported, .misuse: false
        }
    }

    /// What to do next; decided here so that callers need not know every kind.
    public var advice: Advice {
        switch kind {
        case .busy: .retrySoon
        case .full, .readOnly, .unavailable: .retryLater
        case .outcomeUnknown: .checkBeforeRetrying
        case .constraint, .corrupt, .closed, .unsupported, .misuse: .giveUp
        }
    }
}

extension DatabaseError: CustomStringConvertible {
    /// Safe to show: kind, operation and detail.
    public var description: String {
        "database \(kind) during \(operation.rawValue): \(detail)"
    }
}
