/// The names of a table as 64 bits: tells mostly which are not there without a look at the table.
///
/// Pure. A Bloom filter of one hash, of a name's length and the two letters that tell headers apart best, its first and
/// its last.
struct NameSet: Equatable, Sendable {
    /// Says of each name that it may be there.
    static let any = NameSet(bits: .max)

    private var bits: UInt64

    private init(bits: UInt64) { self.bits = bits }

    init() { bits = 0 }

    private static func bit(_ length: Int, _ first: UInt8, _ last: UInt8) -> UInt64 {
        1 << ((UInt64(length) &* 7 ^ UInt64(first) &* 3 ^ UInt64(last) &* 5) & 63)
    }

    mutating func insert(_ bytes: [UInt8], _ name: Range<Int>) {
        guard !name.isEmpty else { return bits |= 1 }
        bits |= Self.bit(name.count, bytes[name.lowerBound], bytes[name.upperBound - 1])
    }

    func mayContain(_ name: String) -> Bool {
        let letters = name.utf8
        guard let first = letters.first, let last = letters.last else { return bits & 1 != 0 }
        return bits & Self.bit(letters.count, first, last) != 0
    }
}
