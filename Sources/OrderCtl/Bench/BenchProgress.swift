import SystemPackage

/// A line on a terminal's standard error that says how long a measurement has run, once a second.
struct BenchProgress: Sendable {
    /// How long it will run; nil where that is not known.
    var length: Duration?

    /// Shows it while the body runs; nothing where nobody watches.
    ///
    /// - Returns: What the body returns; the line is gone then.
    /// - Throws: What the body throws.
    func during<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        guard SystemSeam.isTerminal(.standardError) else { return try await body() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await run() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    private func run() async {
        let began = ContinuousClock.now
        let end = length.map { " of \(ChaosCrew.clock($0))" } ?? ""
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            write("\r\(ChaosCrew.clock(began.duration(to: .now)))\(end)\u{1B}[K")
        }
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
    }
}
