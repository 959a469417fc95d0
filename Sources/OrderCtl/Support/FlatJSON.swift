import FoundationEssentials

/// A JSON object as dotted names and texts, for printing.
enum FlatJSON {
    /// Every value below the object, sorted by name; numbers as they stand in the text.
    static func fields(of body: [UInt8]) throws -> [(name: String, value: String)] {
        let value = try JSONDecoder().decode(Value.self, from: Data(body))
        return value.flattened(under: "").sorted { $0.name < $1.name }
    }

    private indirect enum Value: Decodable {
        case text(String)
        case object([String: Value])
        case array([Value])

        init(from decoder: any Decoder) throws {
            if let object = try? decoder.container(keyedBy: AnyKey.self) {
                let pairs = try object.allKeys.map {
                    ($0.stringValue, try object.decode(Value.self, forKey: $0))
                }
                self = .object(Dictionary(pairs) { first, _ in first })
                return
            }
            if let array = try? decoder.singleValueContainer().decode([Value].self) {
                self = .array(array)
                return
            }
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .text("")
            } else if let flag = try? single.decode(Bool.self) {
                self = .text("\(flag)")
            } else if let number = try? single.decode(Decimal.self) {
                self = .text("\(number)")
            } else {
                self = .text(try single.decode(String.self))
            }
        }

        func flattened(under prefix: String) -> [(name: String, value: String)] {
            let dot = prefix.isEmpty ? "" : prefix + "."
            return switch self {
            case .text(let text): [(prefix, text)]
            case .object(let fields): fields.flatMap { $0.value.flattened(under: dot + $0.key) }
            case .array(let values):
                values.enumerated().flatMap { $0.element.flattened(under: dot + "\($0.offset)") }
            }
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
