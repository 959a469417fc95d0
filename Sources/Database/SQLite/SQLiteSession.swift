import FoundationEssentials
import GRDB

/// Runs statements on one SQLite connection; exists only on that connection's queue.
struct SQLiteSession: SQLSession {
    let connection: GRDB.Database

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        do {
            try refuseNUL(arguments)
            let statement = try prepared(sql)
            try statement.execute(arguments: bindings(arguments))
            return connection.changesCount
        } catch {
            throw DatabaseError(translating: error, during: .statement)
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [Row] {
        do {
            try refuseNUL(arguments)
            let statement = try prepared(sql)
            let columns = statement.columnNames
            var answer: [Row] = []
            let rows = try GRDB.Row.fetchCursor(statement, arguments: bindings(arguments))
            while let row = try rows.next() {
                answer.append(Row(columns: columns, values: row.databaseValues.map { value($0) }))
            }
            return answer
        } catch {
            throw DatabaseError(translating: error, during: .statement)
        }
    }

    private func prepared(_ sql: String) throws -> Statement {
        try connection.cachedStatement(sql: NumberedPlaceholders.translate(sql))
    }

    /// GRDB hands text over as a C string, which ends at the first NUL: what follows would be lost in silence.
    private func refuseNUL(_ arguments: [SQLValue]) throws(DatabaseError) {
        for case .text(let text) in arguments where text.utf8.contains(0) {
            throw DatabaseError(.constraint, during: .statement, "text with a NUL cannot be kept")
        }
    }

    /// In literals of four, since GRDB reads a sequence of unknown type element by element, each through a witness.
    private func bindings(_ arguments: [SQLValue]) -> StatementArguments {
        var bindings = StatementArguments()
        var rest = arguments[...]
        while rest.count >= 4 {
            let four = rest.prefix(4).map { databaseValue($0) }
            _ = bindings.append(contentsOf: [four[0], four[1], four[2], four[3]])
            rest = rest.dropFirst(4)
        }
        for argument in rest { _ = bindings.append(contentsOf: [databaseValue(argument)]) }
        return bindings
    }

    private func databaseValue(_ argument: SQLValue) -> DatabaseValue {
        switch argument {
        case .integer(let integer): integer.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        case .real(let real): real.databaseValue
        case .null: .null
        }
    }

    private func value(_ value: DatabaseValue) -> SQLValue {
        switch value.storage {
        case .null: .null
        case .int64(let integer): .integer(integer)
        case .double(let real): .real(real)
        case .string(let text): .text(text)
        case .blob(let data): .blob([UInt8](data))
        }
    }
}
