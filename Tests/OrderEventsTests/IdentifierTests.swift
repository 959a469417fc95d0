import Testing

@testable import OrderEvents

@Suite("Identifiers and times")
struct IdentifierTests {
    /// Always the same roll.
    struct Constant: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    @Test("identifiers rise strictly, within a millisecond, past its end, and when the clock steps back")
    func rising() {
        var (sequence, random) = (UUIDv7Sequence(), Constant())
        var last: UUIDv7?
        for step in 0..<20_000 {
            let clock = step < 10_000 ? Int64(1_000) : step < 15_000 ? 500 : 5_000
            let id = sequence.next(at: Timestamp(milliseconds: clock), random: &random)
            if let last { #expect(last < id && last.description < id.description) }
            last = id
        }
    }

    @Test("identifiers of many tasks are distinct and well formed")
    func distinct() async {
        let ids = await withTaskGroup(of: [UUIDv7].self) { group in
            for _ in 0..<8 { group.addTask { (0..<1_000).map { _ in UUIDv7.next() } } }
            return await group.reduce(into: Set<UUIDv7>()) { $0.formUnion($1) }
        }
        #expect(ids.count == 8_000)
        #expect(ids.allSatisfy { UUIDv7($0.description) == $0 })
    }

    @Test("random numbers that were taken at once are handed out once each, and more are taken then")
    func random() {
        var random = BufferedRandom()
        let numbers = (0..<1_000).map { _ in random.next() }
        #expect(Set(numbers).count == 1_000)
        // Of 64 000 bits, half are set, give or take 127.
        let set = numbers.reduce(0) { $0 + $1.nonzeroBitCount }
        #expect((31_000...33_000).contains(set))
    }

    @Test("an identifier after an advance is later, even than one from the future")
    func advancing() throws {
        var (sequence, random) = (UUIDv7Sequence(), Constant())
        let future = try #require(UUIDv7("01ffffff-ffff-7fff-bfff-ffffffffffff"))
        sequence.advance(past: future.timestamp)
        #expect(future < sequence.next(at: Timestamp(milliseconds: 1), random: &random))
    }

    @Test(
        "text that is no identifier is refused",
        arguments: [
            "", "01890a5d-ac96-774b-bcce-b302099a805", "01890A5D-ac96-774b-bcce-b302099a8057",
            "01890a5d-ac96-474b-bcce-b302099a8057", "01890a5d-ac96-774b-7cce-b302099a8057",
            "01890a5dxac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a80577",
        ]
    )
    func malformed(text: String) {
        #expect(UUIDv7(text) == nil)
    }

    @Test(
        "times are RFC 3339 with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (.max, "9999-12-31T23:59:59.999Z"),
            (-5, "1970-01-01T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func times(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }

    @Test("what follows from an identifier has always the same one, of the same time, unlike its siblings")
    func derived() throws {
        let cause = UUIDv7.next()
        let one = UUIDv7(derivedFrom: cause.description, for: "inventory.rejected")
        #expect(one == UUIDv7(derivedFrom: cause.description, for: "inventory.rejected"))
        #expect(one.timestamp == cause.timestamp)
        #expect(UUIDv7(one.description) == one)
        var all: Set<UUIDv7> = [one, UUIDv7(derivedFrom: cause.description, for: "inventory.returned")]
        for number in 0..<10_000 { all.insert(UUIDv7(derivedFrom: "event \(number)", for: "x")) }
        #expect(all.count == 10_002)
    }
}
