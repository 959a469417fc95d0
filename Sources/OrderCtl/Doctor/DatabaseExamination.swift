import Database
import FoundationEssentials
import SystemPackage

/// Looks into the services' databases without changing them.
enum DatabaseExamination {
    /// Reads each database of a running or stopped `up`, or the one that the settings name.
    static func findings(directory: FilePath, location: SystemLocation) async -> [Finding] {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []
        let files = found.filter { $0.hasSuffix(".db") }.sorted()
        guard files.isEmpty else {
            var findings: [Finding] = []
            for file in files {
                findings.append(
                    await finding("database \(file)", .sqlite(path: directory.appending(file).string))
                )
            }
            return findings
        }
        if case .sqlite(let path) = location.inventory, !FileManager.default.fileExists(atPath: path) {
            return [.ok("databases", "none yet; each service makes its own when it starts")]
        }
        return [await finding("database", location.inventory)]
    }

    private static func finding(_ check: String, _ location: DatabaseLocation) async -> Finding {
        let remedy =
            "see that the file can be read and the disk is not full; restore it from a copy if it is damaged"
        do {
            let database = try Database.open(location, migrations: [])
            defer { database.close() }
            let verdict = try await database.read { transaction in
                try transaction.queryOne("PRAGMA quick_check(1)")?.text("quick_check") ?? "no answer"
            }
            guard verdict == "ok" else { return .problem(check, verdict, remedy: remedy) }
            // A write lock that can be had and given back: the disk is neither full nor read-only.
            try await database.write { _ in }
            return .ok(check, "sound, and takes writes")
        } catch {
            return .problem(check, "\(error)", remedy: remedy)
        }
    }
}
