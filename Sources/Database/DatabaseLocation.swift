/// Where a database lives.
public enum DatabaseLocation: Hashable, Sendable {
    /// A SQLite file, relative to the working directory unless the path begins with a slash.
    case sqlite(path: String)
    /// A PostgreSQL URL; secret, since it may hold a password.
    case postgres(url: String)

    /// Reads the setting `database.url`.
    ///
    /// - Parameter text: `sqlite:<path>` or `postgres://…` (also `postgresql://…`).
    /// - Returns: The location; nothing is opened.
    /// - Throws: ``DatabaseError`` `unsupported`, whose detail does not repeat the text.
    public static func parse(_ text: String) throws(DatabaseError) -> DatabaseLocation {
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            return .postgres(url: text)
        }
        guard text.hasPrefix("sqlite:") else {
            throw DatabaseError(.unsupported, during: .open, "must begin with sqlite: or postgres://")
        }
        let path = String(text.dropFirst("sqlite:".count))
        guard !path.isEmpty, !path.hasSuffix("/"), !path.contains("\0") else {
            throw DatabaseError(.unsupported, during: .open, "sqlite: needs the path of a file")
        }
        // Several connections read one file; a database in memory has no file to share.
        guard path != ":memory:", !path.hasPrefix("file:") else {
            throw DatabaseError(.unsupported, during: .open, "sqlite: needs a file, not memory and not a URI")
        }
        return .sqlite(path: path)
    }
}

extension DatabaseLocation: CustomStringConvertible {
    /// Safe to show: the file's path, or only the engine's name.
    public var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres: "postgres"
        }
    }
}
