public import Database
public import Logging

extension StartError {
    /// Tells that a program's database cannot be used.
    ///
    /// - Parameters:
    ///   - location: The database; shown without what is secret in it.
    ///   - error: Why.
    public init(opening location: DatabaseLocation, because error: DatabaseError) {
        let (code, advice): (ExitCode, String) =
            switch error.kind {
            case .busy: (.unavailable, "another process holds its lock: end that one")
            case .full: (.unavailable, "make room on its disk")
            case .readOnly, .unavailable: (.unavailable, "its directory and file must be there, and writable")
            case .corrupt: (.failure, "restore it from a backup; nothing was changed")
            case .unsupported: (.settings, "name another one")
            case .constraint, .outcomeUnknown, .closed, .misuse:
                (.failure, "this should not happen; start again")
            }
        self.init(code, "database.url: \(location) cannot be used: \(error); \(advice)")
    }
}

extension Database {
    /// Longest wait for a database that cannot be used yet.
    public static let startPatience = Duration.seconds(10)

    /// Opens a program's database, and waits a little where it is not there yet, as while a disk is being mounted.
    ///
    /// What waiting cannot mend, such as a damaged file, is told at once.
    ///
    /// - Parameters:
    ///   - location: Where it is.
    ///   - migrations: As ``Database/open(_:migrations:lockPatience:)`` wants them.
    ///   - lockPatience: As there.
    ///   - patience: How long to try; one try is made at least. Each may itself wait 5 s for a lock.
    ///   - logger: Told of the first failure.
    /// - Returns: The open database.
    /// - Throws: ``StartError`` that names the database and says what is wrong with it; `CancellationError`.
    public static func openPatiently(
        _ location: DatabaseLocation,
        migrations: [Migration],
        lockPatience: Duration = .seconds(5),
        within patience: Duration = startPatience,
        logger: Logger
    ) async throws -> Database {
        let limit = ContinuousClock.now.advanced(by: patience)
        var isFirst = true
        while true {
            do throws(DatabaseError) {
                return try open(location, migrations: migrations, lockPatience: lockPatience)
            } catch {
                let failure = StartError(opening: location, because: error)
                guard failure.exitCode == .unavailable, ContinuousClock.now < limit else { throw failure }
                if isFirst {
                    logger.warning("The database cannot be used yet", metadata: ["error": "\(error)"])
                }
                isFirst = false
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
