import SystemPackage

/// A line on a terminal's standard error that says how far a soak is, once a second.
struct SoakProgress: Sendable {
    let tally: SoakTally
    let began: ContinuousClock.Instant
    let length: Duration

    /// Shows it until the task is cancelled; nothing where nobody watches.
    func run() async {
        guard SystemSeam.isTerminal(.standardError) else { return }
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let figures = tally.current
            let waiting =
                figures.begun - figures.accepted - figures.unexpectedCount - figures.unanswered.count
            let time = "\(ChaosCrew.clock(began.duration(to: .now))) of \(ChaosCrew.clock(length))"
            write(
                "\r\(time)  \(figures.accepted) accepted, \(waiting) under way, \(figures.repeated) sent again\u{1B}[K"
            )
        }
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
    }
}
