/// Cuts comma-separated text into records.
///
/// Pure. Source: RFC 4180: a field in quotes may hold commas, line ends, and quotes written twice.
struct CSVReader {
    /// One record and the line on which it begins, counted from 1.
    struct Record: Equatable {
        var line: Int
        var fields: [String]
    }

    /// Why the text is no CSV.
    struct Malformed: Error, Equatable {
        var line: Int
        var rule: String
    }

    private var rest: Substring.UnicodeScalarView
    private var line = 1

    /// Prepares to read; a byte order mark at the start is passed over.
    init(_ text: String) {
        rest = Substring(text).unicodeScalars
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
    }

    /// Reads all records; blank lines are none.
    static func records(in text: String) throws(Malformed) -> [Record] {
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
