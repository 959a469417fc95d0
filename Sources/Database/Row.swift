/// One row of a query's answer.
///
/// The getters throw ``DatabaseError`` `misuse` for a column that is not in the answer or has another type, so
/// that a damaged row never traps.
public struct Row: Hashable, Sendable {
    /// The answer's column names, in its order.
    public let columns: [String]
    /// The values, one for each column.
    public let values: [SQLValue]

    package init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column, whatever its type.
    public func value(_ column: String) throws(DatabaseError) -> SQLValue {
        guard let index = columns.firstIndex(of: column) else {
            throw DatabaseError(.misuse, during: .statement, "no column \(column) in the answer")
        }
        return values[index]
    }

    /// An integer that must be there.
    public func integer(_ column: String) throws(DatabaseError) -> Int64 {
        let value = try value(column)
        guard case .integer(let integer) = value else { throw mismatch(column, value, wanted: "integer") }
        return integer
    }

    /// Text that must be there.
    public func text(_ column: String) throws(DatabaseError) -> String {
        let value = try value(column)
        guard case .text(let text) = value else { throw mismatch(column, value, wanted: "text") }
        return text
    }

    /// Bytes that must be there.
    public func blob(_ column: String) throws(DatabaseError) -> [UInt8] {
        let value = try value(column)
        guard case .blob(let bytes) = value else { throw mismatch(column, value, wanted: "blob") }
        return bytes
    }

    /// A floating-point number that must be there.
    public func real(_ column: String) throws(DatabaseError) -> Double {
        let value = try value(column)
        guard case .real(let real) = value else { throw mismatch(column, value, wanted: "real") }
        return real
    }

    /// An integer, or nothing where the column is null.
    public func integerIfPresent(_ column: String) throws(DatabaseError) -> Int64? {
        try value(column) == .null ? nil : integer(column)
    }

    /// Text, or nothing where the column is null.
    public func textIfPresent(_ column: String) throws(DatabaseError) -> String? {
        try value(column) == .null ? nil : text(column)
    }

    private func mismatch(_ column: String, _ value: SQLValue, wanted: String) -> DatabaseError {
        DatabaseError(.misuse, during: .statement, "column \(column) holds \(value.typeName), not \(wanted)")
    }
}
