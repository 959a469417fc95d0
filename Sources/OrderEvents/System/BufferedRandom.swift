internal import Glibc

/// The kernel's random numbers, some dozens taken at once, since each call costs more than the numbers.
struct BufferedRandom: RandomNumberGenerator {
    /// The most that one call hands out, all or none: 256 bytes.
    ///
    /// Source: getentropy(3).
    private static let size = 32

    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if let word = words.popLast() { return word }
        words = Self.fresh()
        return words.removeLast()
    }

    private static func fresh() -> [UInt64] {
        unsafe [UInt64](unsafeUninitializedCapacity: size) { buffer, count in
            let bytes = size * MemoryLayout<UInt64>.size
            guard unsafe getentropy(buffer.baseAddress, bytes) == 0 else {
                // Only a kernel without the call refuses; Swift's own numbers come from there, too.
                preconditionFailure("the kernel gives no random numbers")
            }
            count = size
        }
    }
}
