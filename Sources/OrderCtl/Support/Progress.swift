import SystemPackage

/// A counter on standard error while long work goes on, for people only.
struct Progress {
    private let label: String
    private let total: Int
    private let isShown: Bool
    private var shownAt: ContinuousClock.Instant?

    /// Shows nothing unless standard error is a terminal and there is enough to do.
    init(_ label: String, total: Int) {
        self.label = label
        self.total = total
        isShown = total > 20 && SystemSeam.isTerminal(.standardError)
    }

    /// Says how far the work is, at most ten times a second.
    mutating func advance(to done: Int) {
        guard isShown else { return }
        let now = ContinuousClock.now
        if let shownAt, shownAt.duration(to: now) < .milliseconds(100), done < total { return }
        shownAt = now
        // Back to the line's beginning, and over what stood there.
        let text = "\r\(label): \(done) of \(total)" + (done >= total ? "\n" : "")
        _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
    }
}
