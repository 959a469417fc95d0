import Database
public import WorkQueue

extension Verdict {
    /// The verdict after a handler's store failed.
    ///
    /// A rule of the schema that refused the event's data will refuse it again: dead letter. Everything else is
    /// worth another attempt, for the event id absorbs what may have happened after all.
    ///
    /// - Parameter error: What the store threw.
    /// - Returns: `retry` or `deadLetter`, with a note free of secrets.
    public static func after(_ error: any Error) -> Verdict {
        guard let error = error as? DatabaseError else { return .retry(FailureNote("\(error)")) }
        return error.kind == .constraint
            ? .deadLetter(FailureNote(error.description)) : .retry(FailureNote(error.description))
    }
}
