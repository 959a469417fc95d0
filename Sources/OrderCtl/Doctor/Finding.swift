/// What one examination came to.
struct Finding: Codable, Equatable, Sendable {
    /// How bad it is.
    enum State: String, Codable, Sendable {
        /// As it should be.
        case ok
        /// Nothing is broken; somebody should look.
        case warning
        /// Something does not work, or will not.
        case problem
    }

    /// What was looked at: `broker`, `alarms`, `queue inventory`.
    var check: String
    var state: State
    /// What was found.
    var detail: String
    /// How to mend it; nil where nothing is to be done.
    var remedy: String?

    static func ok(_ check: String, _ detail: String) -> Finding {
        Finding(check: check, state: .ok, detail: detail)
    }

    static func warning(_ check: String, _ detail: String, remedy: String) -> Finding {
        Finding(check: check, state: .warning, detail: detail, remedy: remedy)
    }

    static func problem(_ check: String, _ detail: String, remedy: String) -> Finding {
        Finding(check: check, state: .problem, detail: detail, remedy: remedy)
    }
}

extension [Finding] {
    /// Wider names push their own line only.
    private static let widest = 32

    /// Findings as a person reads them: a mark, what was looked at, what was found, and below it what to do, once for
    /// neighbours that need the same.
    var text: String {
        let width = Swift.min(map(\.check.count).max() ?? 0, Self.widest)
        return
            indices.map { index in
                let finding = self[index]
                let mark =
                    switch finding.state {
                    case .ok: "✓"
                    case .warning: "!"
                    case .problem: "✗"
                    }
                let name =
                    finding.check + String(repeating: " ", count: Swift.max(0, width - finding.check.count))
                let next = index + 1 < count ? self[index + 1].remedy : nil
                let remedy = finding.remedy.flatMap { $0 == next ? nil : "\n  → \($0)" } ?? ""
                return "\(mark) \(name)  \(finding.detail)\(remedy)"
            }
            .joined(separator: "\n")
    }
}
