/// Cuts comma-separated text into records.
///
/// Pure. Source: RFC 4180: a field in quotes may hold commas, line ends, and quotes written twice.
public struct CSVReader {
    /// One record.
    public struct Record: Hashable, Sendable {
        /// The line on which it begins, from 1.
        public var line: Int
        /// At least one.
        public var fields: [String]
    }

    /// Why the text is no CSV.
    public struct Malformed: Error, Hashable, Sendable {
        /// From 1.
        public var line: Int
        /// The rule that the line broke.
        public var rule: String
    }

    private var rest: Substring.UnicodeScalarView
    private var line = 1

    /// Prepares to read; a byte order mark at the start is passed over.
    private init(_ text: String) {
        rest = Substring(text).unicodeScalars
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
    }

    /// Reads all records; blank lines are none.
    ///
    /// - Parameter text: The whole file.
    /// - Returns: The records in their order, a header among them.
    /// - Throws: ``Malformed`` for the first line that is no CSV.
    public static func records(in text: String) throws(Malformed) -> [Record] {
        var reader = CSVReader(text)
        var records: [Record] = []
        while let record = try reader.next() {
            if record.fields != [""] { records.append(record) }
        }
        return records
    }

    private mutating func next() throws(Malformed) -> Record? {
        guard !rest.isEmpty else { return nil }
        var record = Record(line: line, fields: [])
        while true {
            record.fields.append(try field())
            switch rest.popFirst() {
            case ",": continue
            case "\r":
                if rest.first == "\n" { rest.removeFirst() }
                line += 1
                return record
            case "\n":
                line += 1
                return record
            case nil: return record
            case _: throw Malformed(line: line, rule: "a closing quote must end the field")
            }
        }
    }

    private mutating func field() throws(Malformed) -> String {
        guard rest.first == "\"" else {
            let plain = rest.prefix { $0 != "," && $0 != "\n" && $0 != "\r" }
            rest = rest.dropFirst(plain.count)
            guard !plain.contains("\"") else {
                throw Malformed(line: line, rule: "a field with quotes must be in quotes")
            }
            return String(plain)
        }
        let start = line
        rest.removeFirst()
        var field = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\"" {
                guard rest.first == "\"" else { return String(field) }
                rest.removeFirst()
            }
            if scalar == "\n" { line += 1 }
            field.append(scalar)
        }
        throw Malformed(line: start, rule: "a quote is never closed")
    }
}
