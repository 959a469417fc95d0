/// A trace that a request belongs to: the W3C header `traceparent`, version 00 and what is compatible with it.
struct TraceParent: Hashable, Sendable {
    let text: String

    /// Reads the header's value.
    ///
    /// What breaks the rules of https://www.w3.org/TR/trace-context/ is no trace; a client is never refused over it.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.map(\.utf8.count) == [2, 32, 16, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy(Self.isLowerHexadecimal) }),
            parts[0] != "ff",
            !parts[1].allSatisfy({ $0 == "0" }), !parts[2].allSatisfy({ $0 == "0" })
        else {
            return nil
        }
        self.text = text
    }

    private static func isLowerHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
