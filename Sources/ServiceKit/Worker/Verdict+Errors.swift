import Database
public import WorkQueue

extension Verdict {
    /// The verdict after a handler's store failed.
    ///
    /// A rule of the schema that refused the event's data will refuse it again: dead letter. A database that takes
    /// nothing at all is no fault of the event's: it comes back, and its attempts are not used up. Everything else is
    /// worth another attempt. The event id absorbs what may have happened after all.
    ///
    /// - Parameter error: What the store threw.
    /// - Returns: `retry`, `postpone` or `deadLetter`, with a note free of secrets.
    public static func after(_ error: any Error) -> Verdict {
        guard let error = error as? DatabaseError else { return .retry(FailureNote("\(error)")) }
        let note = FailureNote(error.description)
        if error.kind == .constraint { return .deadLetter(note) }
        return error.isOutage ? .postpone(note, after: .seconds(5)) : .retry(note)
    }
}
