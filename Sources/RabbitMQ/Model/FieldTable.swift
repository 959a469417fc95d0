/// Named values in the order in which they travel: headers of a message, arguments of a queue.
///
/// A name is at most 255 bytes. Setting a name again replaces its value in place.
public struct FieldTable: Hashable, Sendable {
    /// One named value.
    public struct Entry: Hashable, Sendable {
        /// At most 255 bytes of UTF-8.
        public var name: String
        /// The value with its wire type.
        public var value: FieldValue

        /// Creates an entry.
        public init(name: String, value: FieldValue) {
            self.name = name
            self.value = value
        }
    }

    /// Apart from the values, so that tables alike, as those of a queue's messages are, share one array of names.
    private(set) var names: [String]
    /// One for each name.
    private(set) var values: [FieldValue]

    /// Every entry, in order; a list made for each call.
    ///
    /// A table from the wire may hold a name twice; the first is the one that counts.
    public var entries: [Entry] { zip(names, values).map { Entry(name: $0, value: $1) } }

    /// Creates a table of `entries`, as they are.
    public init(_ entries: [Entry] = []) {
        self.init(room: entries.count)
        for entry in entries { append(entry.name, entry.value) }
    }

    /// Creates a table of as many names as values.
    init(names: [String], values: [FieldValue]) {
        assert(names.count == values.count, "a table with names that have no value, or the other way round")
        self.names = names
        self.values = values
    }

    private init(room: Int) {
        self.init(names: [], values: [])
        names.reserveCapacity(room)
        values.reserveCapacity(room)
    }

    /// Whether nothing is in the table.
    public var isEmpty: Bool { names.isEmpty }

    /// The value of `name`; setting `nil` removes every entry of that name.
    public subscript(name: String) -> FieldValue? {
        get { index(of: name).map { values[$0] } }
        set {
            guard let newValue else { return removeAll { $0 == name } }
            if let index = index(of: name) {
                values[index] = newValue
            } else {
                append(name, newValue)
            }
        }
    }

    private mutating func append(_ name: String, _ value: FieldValue) {
        names.append(name)
        values.append(value)
    }

    private func index(of name: String) -> Int? {
        // The lengths first: most names differ in them.
        let length = name.utf8.count
        for index in names.indices where names[index].utf8.count == length && names[index] == name {
            return index
        }
        return nil
    }

    /// Removes every entry whose name satisfies the condition.
    public mutating func removeAll(where shouldRemove: (String) -> Bool) {
        guard names.contains(where: shouldRemove) else { return }
        self = FieldTable(entries.filter { !shouldRemove($0.name) })
    }

    /// This table with the entries of `other`, which win where both have a name.
    public func merging(_ other: FieldTable) -> FieldTable {
        var merged = self
        for (name, value) in zip(other.names, other.values) { merged[name] = value }
        return merged
    }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    /// Writes a table in the order of its lines.
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self.init(room: elements.count)
        for (name, value) in elements { append(name, value) }
    }
}

extension FieldTable: CustomStringConvertible {
    /// `{name=value, …}`; for messages and the printed topology, not for parsing.
    public var description: String {
        "{\(entries.map { "\($0.name)=\($0.value)" }.joined(separator: ", "))}"
    }
}
