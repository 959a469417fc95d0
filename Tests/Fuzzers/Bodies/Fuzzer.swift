/// Code that is fed with whatever bytes come.
struct Fuzzer: Sendable {
    /// Names its corpus, and the argument of `Config/fuzz`.
    let name: String
    /// Uses the bytes; throws ``BrokenPromise``, and must neither trap nor keep memory.
    let body: @Sendable ([UInt8]) throws -> Void

    static let all: [Fuzzer] = [
        Fuzzer(name: "envelope", body: EnvelopeFuzzer.run), Fuzzer(name: "frames", body: FramesFuzzer.run),
        Fuzzer(name: "filter", body: FilterFuzzer.run), Fuzzer(name: "settings", body: SettingsFuzzer.run),
        Fuzzer(name: "order", body: OrderFuzzer.run), Fuzzer(name: "event", body: EventFuzzer.run),
        Fuzzer(name: "mail", body: MailFuzzer.run), Fuzzer(name: "answers", body: AnswersFuzzer.run),
    ]
}

/// Something that must hold for all bytes does not for these.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String
}

/// Throws unless the condition holds.
func promise(_ condition: Bool, _ message: @autoclosure () -> String) throws(BrokenPromise) {
    guard condition else { throw BrokenPromise(description: message()) }
}

/// What an error, a note or a log field may be: one line, at most 1 KiB, nothing that a terminal obeys.
func promiseOneLine(_ text: String, _ what: @autoclosure () -> String) throws(BrokenPromise) {
    try promise(text.utf8.count <= 1_024, "\(what()) has \(text.utf8.count) bytes")
    let isHarmless = text.unicodeScalars.allSatisfy { scalar in
        scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
            && ![0x2028, 0x2029].contains(scalar.value)
            && !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
    }
    try promise(isHarmless, "\(what()) is not one harmless line: \(text.debugDescription)")
}
