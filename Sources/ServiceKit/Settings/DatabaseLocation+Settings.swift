public import Database

extension DatabaseLocation {
    /// Reads where durable data lives.
    ///
    /// - `database.url` (secret): `sqlite:<path>` or `postgres://…`; default `sqlite:.run/<service>.db`.
    ///
    /// - Parameters:
    ///   - checklist: Notes what is wrong.
    ///   - service: Names the default file, `inventory`.
    public init(reading checklist: inout SettingsChecklist, service: String) {
        let path = ".run/\(service).db"
        self = checklist.value(
            "database.url",
            default: .sqlite(path: path),
            shownAs: "sqlite:\(path)",
            secrecy: .secret,
            "durable data: sqlite:<path> or postgres://user:password@host/name"
        ) { text throws(BrokenRule) in
            do throws(DatabaseError) {
                return try DatabaseLocation.parse(text)
            } catch {
                throw BrokenRule(error.detail)
            }
        }
    }
}

/// A program that cannot open its database does not start.
extension DatabaseError: ExplainedError {
    /// `settings` where another `database.url`, or other rights on the file, would help.
    public var exitCode: ExitCode {
        switch kind {
        case .unsupported, .readOnly, .unavailable, .corrupt: .settings
        case .busy, .full: .unavailable
        case .constraint, .outcomeUnknown, .closed, .misuse: .failure
        }
    }

    /// One line naming the key.
    public var explanation: String { "database.url: \(description)" }
}
