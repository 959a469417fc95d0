import GRDB

extension DatabaseError {
    /// Translates whatever GRDB threw; the only place that knows SQLite's codes.
    init(translating error: any Error, during operation: Operation) {
        switch error {
        case let error as DatabaseError:
            self = error
        case let error as GRDB.DatabaseError:
            self.init(
                Self.kind(of: error, during: operation),
                during: operation,
                "\(error.message ?? "no message") (SQLite \(error.extendedResultCode.rawValue))"
            )
        default:
            self.init(.unavailable, during: operation, String(describing: type(of: error)))
        }
    }

    /// What SQLite's primary code means to a caller.
    ///
    /// https://www.sqlite.org/rescode.html
    private static func kind(of error: GRDB.DatabaseError, during operation: Operation) -> Kind {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        // GRDB's word for a connection that was closed; nothing else of ours goes wrong before a statement.
        case .SQLITE_MISUSE where operation == .begin: .closed
        case .SQLITE_FULL: .full
        case .SQLITE_READONLY, .SQLITE_PERM: .readOnly
        case .SQLITE_CONSTRAINT: .constraint
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
        // A frame that could not be written is missing from the log, so that no commit is found there, not even after a
        // crash: a disk that became read-only, a quota, a limit on the size of files.
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_WRITE: .unavailable
        // The log's frames may have reached the disk even though its flush failed.
        case .SQLITE_IOERR where operation == .commit: .outcomeUnknown
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_AUTH, .SQLITE_INTERRUPT, .SQLITE_NOLFS,
            .SQLITE_PROTOCOL, .SQLITE_ABORT:
            .unavailable
        default: .misuse
        }
    }
}
