/// A document as a value, written out the same each time.
///
/// Texts are written in double quotes, as JSON has them, which is YAML too and needs no rules about what a bare word means.
indirect enum YAMLNode {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case list([YAMLNode])
    case map([(key: String, value: YAMLNode)])

    /// The document's text; it ends with a line break.
    var document: String {
        var lines: [String] = []
        write(into: &lines, indent: 0, after: "")
        return lines.joined(separator: "\n") + "\n"
    }

    private func write(into lines: inout [String], indent: Int, after lead: String) {
        let blanks = String(repeating: " ", count: indent)
        switch self {
        case .text, .number, .flag: lines.append(lead + scalar)
        case .list(let nodes) where nodes.isEmpty: lines.append(lead + "[]")
        case .map(let pairs) where pairs.isEmpty: lines.append(lead + "{}")
        case .list(let nodes):
            if !lead.isEmpty { lines.append(lead.trimmingEnd) }
            for node in nodes { node.writeItem(into: &lines, indent: indent) }
        case .map(let pairs):
            if !lead.isEmpty { lines.append(lead.trimmingEnd) }
            for (key, value) in pairs {
                value.write(into: &lines, indent: indent + 2, after: "\(blanks)\(Self.key(key)): ")
            }
        }
    }

    /// An item stands below its dash, so that it needs no case of its own.
    private func writeItem(into lines: inout [String], indent: Int) {
        let blanks = String(repeating: " ", count: indent)
        switch self {
        case .text, .number, .flag: lines.append("\(blanks)- \(scalar)")
        case .list, .map:
            var own: [String] = []
            write(into: &own, indent: indent + 2, after: "")
            guard let first = own.first else { return }
            lines.append("\(blanks)- \(first.dropFirst(indent + 2))")
            lines.append(contentsOf: own.dropFirst())
        }
    }

    private var scalar: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list, .map: ""
        }
    }

    private static func key(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        // "on", "no" and their like are true and false to older readers.
        return isPlain && key.utf8.count > 3 && key.first != "-" ? key : quoted(key)
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
        return "\"\(escaped)\""
    }
}

extension YAMLNode: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    init(stringLiteral value: String) { self = .text(value) }
}

extension YAMLNode: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, YAMLNode)...) {
        self = .map(elements.map { (key: $0.0, value: $0.1) })
    }
}

extension YAMLNode: ExpressibleByArrayLiteral {
    init(arrayLiteral elements: YAMLNode...) { self = .list(elements) }
}

extension YAMLNode: ExpressibleByBooleanLiteral {
    init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension YAMLNode: ExpressibleByIntegerLiteral {
    init(integerLiteral value: Int64) { self = .number(value) }
}

extension String {
    fileprivate var trimmingEnd: String {
        var rest = self
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
