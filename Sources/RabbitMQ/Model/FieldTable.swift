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

    private enum Form: Sendable {
        case entries([Entry])
        /// As it came over the wire.
        case encoded(EncodedTable)
    }

    private var form: Form

    /// Every entry, in order; of a table from the wire made for each call.
    ///
    /// A table from the wire may hold a name twice; the first is the one that counts. A name in it that is no UTF-8 stands
    /// here with replacements, by which it is found only once the table was changed.
    public var entries: [Entry] {
        switch form {
        case .entries(let entries): entries
        case .encoded(let table): table.entries
        }
    }

    /// Creates a table of `entries`, as they are.
    public init(_ entries: [Entry] = []) {
        form = .entries(entries)
    }

    /// Creates a table of what came over the wire; its entries are made when somebody asks for them.
    init(_ encoded: EncodedTable) {
        form = .encoded(encoded)
    }

    /// Whether nothing is in the table.
    public var isEmpty: Bool {
        switch form {
        case .entries(let entries): entries.isEmpty
        case .encoded(let table): table.isEmpty
        }
    }

    /// The value of `name`; setting `nil` removes every entry of that name.
    public subscript(name: String) -> FieldValue? {
        get {
            switch form {
            case .entries(let entries): Self.index(of: name, in: entries).map { entries[$0].value }
            case .encoded(let table): table[name]
            }
        }
        set {
            guard let newValue else { return removeAll { $0 == name } }
            change { entries in
                if let index = Self.index(of: name, in: entries) {
                    entries[index].value = newValue
                } else {
                    entries.append(Entry(name: name, value: newValue))
                }
            }
        }
    }

    /// Changes the entries in place where nobody shares them.
    private mutating func change(_ body: (inout [Entry]) -> Void) {
        var entries = entries
        form = .entries([])
        body(&entries)
        form = .entries(entries)
    }

    private static func index(of name: String, in entries: [Entry]) -> Int? {
        // The lengths first: most names differ in them.
        let length = name.utf8.count
        for index in entries.indices
        where entries[index].name.utf8.count == length && entries[index].name == name {
            return index
        }
        return nil
    }

    /// Removes every entry whose name satisfies the condition.
    public mutating func removeAll(where shouldRemove: (String) -> Bool) {
        guard entries.contains(where: { shouldRemove($0.name) }) else { return }
        change { entries in entries.removeAll { shouldRemove($0.name) } }
    }

    /// This table with the entries of `other`, which win where both have a name.
    public func merging(_ other: FieldTable) -> FieldTable {
        var merged = self
        for entry in other.entries { merged[entry.name] = entry.value }
        return merged
    }

    /// Whether both have the same entries in the same order; of one that came over the wire, whether they have the same
    /// bytes, in which a number that is none equals itself.
    public static func == (one: FieldTable, other: FieldTable) -> Bool {
        if case .encoded(let table) = one.form, case .encoded(let same) = other.form,
            table.hasSameBytes(as: same)
        {
            return true
        }
        return one.entries == other.entries
    }

    /// Hashes every entry.
    public func hash(into hasher: inout Hasher) { hasher.combine(entries) }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    /// Writes a table in the order of its lines.
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self.init(elements.map { Entry(name: $0, value: $1) })
    }
}

extension FieldTable: CustomStringConvertible {
    /// `{name=value, …}`; for messages and the printed topology, not for parsing.
    public var description: String {
        "{\(entries.map { "\($0.name)=\($0.value)" }.joined(separator: ", "))}"
    }
}
