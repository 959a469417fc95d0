/// A set of delivery tags that are added in their order, one bit each.
///
/// Pure. Most tags leave in nearly the order in which they came, so a few words of bits hold them all; those that stay
/// while thousands pass by are kept by themselves. So its size is bounded by the tags in it, not by the distance between
/// the oldest and the newest.
struct TagWindow {
    /// Words of 64 tags; beyond it the oldest word's tags are kept by themselves.
    private static let longest = 64

    private var words: [UInt64] = []
    /// The tag of the first bit, a multiple of 64.
    private var base: UInt64 = 0
    private var stragglers: Set<UInt64> = []
    private(set) var count = 0

    /// Words in use, for the test of the bound.
    var wordCount: Int { words.count }

    var isEmpty: Bool { count == 0 }

    func contains(_ tag: UInt64) -> Bool {
        guard tag >= base else { return stragglers.contains(tag) }
        let offset = tag - base
        let index = Int(truncatingIfNeeded: offset >> 6)
        return index >= 0 && index < words.count && words[index] & 1 << (offset & 63) != 0
    }

    /// Adds a tag.
    /// - Precondition: It is greater than every tag that was added.
    mutating func append(_ tag: UInt64) {
        if words.isEmpty { base = tag & ~63 }
        let offset = tag - base
        while words.count <= Int(offset >> 6) { words.append(0) }
        words[Int(offset >> 6)] |= 1 << (offset & 63)
        count += 1
        while words.count > Self.longest { retireOldest() }
    }

    /// Removes a tag.
    /// - Returns: Whether it was there.
    mutating func remove(_ tag: UInt64) -> Bool {
        guard contains(tag) else { return false }
        count -= 1
        guard tag >= base else { return stragglers.remove(tag) != nil }
        let offset = tag - base
        words[Int(offset >> 6)] &= ~(1 << (offset & 63))
        while !words.isEmpty, words[0] == 0 { retireOldest() }
        return true
    }

    private mutating func retireOldest() {
        var word = words.removeFirst()
        while word != 0 {
            stragglers.insert(base + UInt64(word.trailingZeroBitCount))
            word &= word - 1
        }
        base += 64
    }
}
