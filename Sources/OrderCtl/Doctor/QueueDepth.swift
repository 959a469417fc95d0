/// How much waits in a queue, and for whom.
struct QueueDepth: Equatable, Sendable {
    var name: String
    var messages: Int
    var consumers: Int

    /// Judges queues: messages without a consumer are a problem, dead letters a warning, waiting retries neither.
    ///
    /// Pure.
    static func findings(_ queues: [QueueDepth]) -> [Finding] {
        let findings = queues.filter { $0.messages > 0 }.compactMap(\.finding)
        return findings.isEmpty
            ? [.ok("queues", "nothing waits without a consumer, nothing is dead")] : findings
    }

    private var finding: Finding? {
        let check = "queue \(name)"
        if name.hasSuffix(".dead") {
            return .warning(
                check,
                "\(messages) dead \(messages == 1 ? "letter" : "letters")",
                remedy: "orderctl dead-letters list \(name.dropLast(".dead".count))"
            )
        }
        guard !name.contains(".retry."), consumers == 0 else { return nil }
        return .problem(
            check,
            "\(messages) \(messages == 1 ? "message waits" : "messages wait") and nobody consumes",
            remedy: "start a worker of \(name)"
        )
    }
}
