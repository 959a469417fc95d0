import Testing

@testable import RabbitMQ

@Suite("Properties as they came over the wire")
struct EncodedPropertiesTests {
    /// Flags for the headers alone, and a table of these bytes.
    private func headers(_ table: [UInt8], announced: Int? = nil) -> [UInt8] {
        let length = UInt32(announced ?? table.count)
        return [0x20, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + table
    }

    @Test(
        "a property that goes beyond the end is refused",
        arguments: [
            [], [0x80], [0x80, 0], [0x80, 0, 5, 1, 2], [0x20, 0], [0x20, 0, 0, 0, 0], [0x10, 0],
            [0, 0x40, 1, 2],
            [0, 0x80, 1],
        ] as [[UInt8]]
    )
    func tooShort(bytes: [UInt8]) {
        #expect(EncodedProperties(bytes) == nil)
    }

    @Test(
        "a table that is none is refused",
        arguments: [
            [1], [1, 0x61], [1, 0x61, 0x74], [1, 0x61, 0x3F, 0], [5, 0x61], [1, 0x61, 0x53, 0, 0, 0, 9, 1],
            [1, 0x61, 0x53, 0xFF, 0xFF, 0xFF, 0xFF], [1, 0x61, 0x46, 0, 0, 0, 1, 7],
            [1, 0x61, 0x41, 0, 0, 0, 1, 0x74],
        ] as [[UInt8]]
    )
    func noTable(bytes: [UInt8]) {
        #expect(EncodedProperties(headers(bytes)) == nil)
        #expect(EncodedProperties(headers([1, 0x61, 0x74, 1], announced: 5)) == nil)
    }

    @Test("a table may hold a name twice, and an empty one; the first counts")
    func twice() throws {
        let table: [UInt8] = [1, 0x61, 0x74, 1, 0, 0x42, 7, 1, 0x61, 0x74, 0]
        let properties = MessageProperties(try #require(EncodedProperties(headers(table))))
        #expect(properties.headers["a"] == .bool(true))
        #expect(properties.headers[""] == .uint8(7))
        #expect(properties.headers["b"] == nil)
        #expect(properties.headers.entries.map(\.name) == ["a", "", "a"])
        #expect(!properties.headers.isEmpty)
    }

    @Test("tables that nest deeper than anybody means are not looked into")
    func nested() throws {
        var table: [UInt8] = []
        for _ in 0..<2_000 {
            let length = UInt32(table.count)
            table = [0, 0x46] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + table
        }
        let properties = MessageProperties(try #require(EncodedProperties(headers(table))))
        var value = properties.headers[""]
        var depth = 0
        while case .table(let inner) = value {
            depth += 1
            value = inner[""]
        }
        #expect(depth == FieldReading.deepestNesting && value == .void)
    }

    @Test("what came over the wire can be changed, and says the same as what was made here")
    func changed() throws {
        let table: [UInt8] = [1, 0x61, 0x74, 1]
        let came = MessageProperties(try #require(EncodedProperties(headers(table))))
        let made = MessageProperties(headers: ["a": true])
        #expect(came == made && came.hashValue == made.hashValue && came.headers == made.headers)
        var changed = came
        changed.headers["a"] = nil
        changed.headers["b"] = "x"
        changed.messageID = "m"
        #expect(changed == MessageProperties(headers: ["b": "x"], messageID: "m"))
        #expect(came == made)
    }

    @Test("a name is found wherever it stands, and no other", arguments: 0..<50)
    func names(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var seen = NameSet()
        var table: [UInt8] = []
        let letters = ["a", "b", "c", "-", "_"]
        var names: [String] = []
        for index in 0..<Int.random(in: 0...12, using: &random) {
            var name = ""
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                name += letters[Int.random(in: 0..<5, using: &random)]
            }
            names.append("\(name)\(index)")
        }
        for name in names { table += [UInt8(name.utf8.count)] + Array(name.utf8) + [0x74, 1] }
        let isTable = FieldReading.isTable(table, 0..<table.count, &seen)
        #expect(isTable)
        let encoded = EncodedTable(table, 0..<table.count, seen)
        for name in names { #expect(encoded[name] == .bool(true), "\(name)") }
        #expect(encoded["missing"] == nil && encoded[""] == nil)
    }
}
