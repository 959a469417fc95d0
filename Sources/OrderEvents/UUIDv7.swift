import Synchronization

/// A time-ordered identifier: RFC 9562, version 7.
///
/// Identifiers made by one process sort in the order they were made, also within a millisecond and when the
/// clock steps back. Those of several processes sort by their clocks.
public struct UUIDv7: Hashable, Sendable, Comparable, LosslessStringConvertible {
    /// Bits 0 to 63: milliseconds, version, and the counter within the millisecond.
    package let high: UInt64
    /// Bits 64 to 127: variant and 62 random bits.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The identifier of what follows from something that has one: the same each time, and unlike any other's.
    ///
    /// Of the same millisecond as its cause where that is a UUIDv7, else of 1970.
    ///
    /// - Parameters:
    ///   - cause: The identifier that it follows from, of any kind.
    ///   - purpose: Tells apart what follows from one cause, such as a type of event.
    public init(derivedFrom cause: String, for purpose: String) {
        // FNV-1a, 64 bits, with the finisher of SplitMix64: for telling apart, not against forgery.
        func mixed(_ seed: UInt64) -> UInt64 {
            var hash = [purpose, "\u{0}", cause].joined().utf8
                .reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
            hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
            return hash ^ hash >> 31
        }
        let milliseconds = UUIDv7(cause).map { UInt64($0.timestamp.milliseconds) } ?? 0
        high = milliseconds << 16 | 0x7000 | mixed(0) & 0xFFF
        low = 0b10 << 62 | mixed(0x9E37_79B9_7F4A_7C15) >> 2
    }

    private static let sequence = Mutex((ids: UUIDv7Sequence(), random: BufferedRandom()))

    /// Makes a new identifier, later than every one this process made before.
    ///
    /// Any thread; takes a short lock.
    public static func next() -> UUIDv7 {
        let now = Timestamp.now
        return sequence.withLock { $0.ids.next(at: now, random: &$0.random) }
    }

    /// Makes a new identifier that also sorts after one that may be another process's.
    ///
    /// - Parameter other: Of a clock that may be ahead of this process's; nil for none.
    /// - Returns: A new identifier; its time may be a little after now.
    public static func next(after other: UUIDv7?) -> UUIDv7 {
        let id = next()
        guard let other, id <= other else { return id }
        advance(past: other)
        return next()
    }

    /// Sees to it that every later identifier of this process sorts after `earlier`.
    ///
    /// For a program that starts again on its data after the clock stepped back.
    public static func advance(past earlier: UUIDv7) {
        sequence.withLock { $0.ids.advance(past: earlier.timestamp) }
    }

    /// Reads the canonical text: 36 characters in lower case, version 7, variant 10.
    public init?(_ description: String) {
        let bytes = description.utf8
        guard bytes.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            // The first half ends at the hyphen at 18.
            if index < 18 {
                halves.0 = halves.0 << 4 | UInt64(digit)
            } else {
                halves.1 = halves.1 << 4 | UInt64(digit)
            }
        }
        guard halves.0 >> 12 & 0xF == 7, halves.1 >> 62 == 0b10 else { return nil }
        self.init(high: halves.0, low: halves.1)
    }

    /// The canonical text in lower case: `01890a5d-ac96-774b-bcce-b302099a8057`.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        func append(_ half: UInt64, from first: UInt64, through last: UInt64) {
            for shift in stride(from: first, through: last, by: -4) {
                let digit = UInt8(half >> shift & 0xF)
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        let hyphen = UInt8(ascii: "-")
        append(high, from: 60, through: 32)
        bytes.append(hyphen)
        append(high, from: 28, through: 16)
        bytes.append(hyphen)
        append(high, from: 12, through: 0)
        bytes.append(hyphen)
        append(low, from: 60, through: 48)
        bytes.append(hyphen)
        append(low, from: 44, through: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The millisecond it was made in, or a later one when its process made very many at once.
    public var timestamp: Timestamp {
        Timestamp(milliseconds: Int64(high >> 16))
    }

    /// Orders as the text does: by time, then by the order of making within one process.
    public static func < (left: UUIDv7, right: UUIDv7) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// Gives out identifiers in strictly rising order.
///
/// Pure: the clock and the dice are arguments. RFC 9562 section 6.2, method 1: the 12 bits of `rand_a` count
/// within a millisecond, starting low enough to leave room for at least 2 048.
package struct UUIDv7Sequence {
    private var last: Int64 = -1
    private var counter: UInt64 = 0

    package init() {}

    package mutating func advance(past moment: Timestamp) {
        guard moment.milliseconds >= last else { return }
        last = moment.milliseconds
        // Nothing is left of that millisecond, whatever its counter was.
        counter = 4_095
    }

    package mutating func next(at now: Timestamp, random: inout some RandomNumberGenerator) -> UUIDv7 {
        if now.milliseconds > last {
            last = now.milliseconds
            counter = UInt64.random(in: 0..<2_048, using: &random)
        } else if counter < 4_095 {
            counter += 1
        } else {
            // Out of numbers in this millisecond, or the clock stepped back: borrow from the next one.
            last += 1
            counter = 0
        }
        let high = UInt64(last) << 16 | 0x7000 | counter
        let low = 0b10 << 62 | random.next() >> 2
        return UUIDv7(high: high, low: low)
    }
}
