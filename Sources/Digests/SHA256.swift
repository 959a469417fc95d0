/// SHA-256.
///
/// Pure; takes the same time for all inputs of one length. Source: RFC 6234 (FIPS 180-4).
public struct SHA256 {
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7,
        0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc,
        0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351,
        0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e,
        0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585,
        0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f,
        0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]

    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]

    /// The 32 bytes of a message's digest.
    public static func digest(_ message: [UInt8]) -> [UInt8] {
        var padded = message
        padded.append(0x80)
        padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
        let bits = UInt64(message.count) * 8
        padded += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
        var hash = SHA256()
        for start in stride(from: 0, to: padded.count, by: 64) { hash.add(padded[start..<start + 64]) }
        return hash.state.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    private mutating func add(_ block: ArraySlice<UInt8>) {
        var words: [UInt32] = stride(from: block.startIndex, to: block.endIndex, by: 4)
            .map { index in
                (0..<4).reduce(0) { $0 << 8 | UInt32(block[index + $1]) }
            }
        for index in 16..<64 {
            let (early, late) = (words[index - 15], words[index - 2])
            let first = Self.rotate(early, 7) ^ Self.rotate(early, 18) ^ (early >> 3)
            let second = Self.rotate(late, 17) ^ Self.rotate(late, 19) ^ (late >> 10)
            words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
        }
        var row = state
        for index in 0..<64 {
            let (upper, lower) = (row[4], row[0])
            let choice = (upper & row[5]) ^ (~upper & row[6])
            let majority = (lower & row[1]) ^ (lower & row[2]) ^ (row[1] & row[2])
            let sumOfUpper = Self.rotate(upper, 6) ^ Self.rotate(upper, 11) ^ Self.rotate(upper, 25)
            let sumOfLower = Self.rotate(lower, 2) ^ Self.rotate(lower, 13) ^ Self.rotate(lower, 22)
            let one = row[7] &+ sumOfUpper &+ choice &+ Self.constants[index] &+ words[index]
            row = [
                one &+ sumOfLower &+ majority, row[0], row[1], row[2], row[3] &+ one, row[4], row[5], row[6],
            ]
        }
        for index in 0..<8 { state[index] &+= row[index] }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }
}

/// The key of a message authentication code; a secret.
///
/// Pure; the time taken depends on lengths only. Source: RFC 2104.
public struct HMACKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let block: [UInt8]

    /// Takes a key of any length.
    public init(_ key: [UInt8]) {
        let short = key.count > 64 ? SHA256.digest(key) : key
        block = short + [UInt8](repeating: 0, count: 64 - short.count)
    }

    /// HMAC-SHA256 of a message, 32 bytes.
    public func authenticate(_ message: [UInt8]) -> [UInt8] {
        let inner = SHA256.digest(block.map { $0 ^ 0x36 } + message)
        return SHA256.digest(block.map { $0 ^ 0x5c } + inner)
    }

    /// Says that it is a key, and nothing of it.
    public var description: String { "a key" }
    /// Empty: a dump shows nothing of it either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Bytes as text.
public enum Hex {
    /// Two lower-case digits a byte.
    public static func text(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The bytes of a text of two digits each, in either case; nil where it is none.
    public static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.map { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x41...0x46: digit - 0x41 + 10
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
