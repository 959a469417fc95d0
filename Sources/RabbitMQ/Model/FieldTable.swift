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

    /// Every entry, in order.
    ///
    /// A table from the wire may hold a name twice; the first is the one that counts.
    public private(set) var entries: [Entry]

    /// Creates a table of `entries`, as they are.
    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// Whether nothing is in the table.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of `name`; setting `nil` removes every entry of that name.
    public subscript(name: String) -> FieldValue? {
        get {
            // The lengths first: most names differ in them.
            let length = name.utf8.count
            for index in entries.indices where entries[index].name.utf8.count == length {
                if entries[index].name == name { return entries[index].value }
            }
            return nil
        }
        set {
            guard let newValue else {
                entries.removeAll { $0.name == name }
                return
            }
            if let index = entries.firstIndex(where: { $0.name == name }) {
                entries[index].value = newValue
            } else {
                entries.append(Entry(name: name, value: newValue))
            }
        }
    }

    /// Removes every entry whose name satisfies the condition.
    public mutating func removeAll(where shouldRemove: (String) -> Bool) {
        entries.removeAll { shouldRemove($0.name) }
    }

    /// This table with the entries of `other`, which win where both have a name.
    public func merging(_ other: FieldTable) -> FieldTable {
        var merged = self
        for entry in other.entries { merged[entry.name] = entry.value }
        return merged
    }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    /// Writes a table in the order of its lines.
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self.init(elements.map { Entry(name: $0.0, value: $0.1) })
    }
}

extension FieldTable: CustomStringConvertible {
    /// `{name=value, …}`; for messages and the printed topology, not for parsing.
    public var description: String {
        "{\(entries.map { "\($0.name)=\($0.value)" }.joined(separator: ", "))}"
    }
}
