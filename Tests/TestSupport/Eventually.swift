/// A condition that did not come true in time.
public struct NotInTime: Error, CustomStringConvertible {
    /// What was waited for, how long, and what was seen instead.
    public let description: String

    /// Says what was waited for.
    public init(description: String) {
        self.description = description
    }
}

/// Waits until a condition holds, polling it.
///
/// The only place of the tests that sleeps. A condition that throws counts as not yet true; its last error is told.
/// - Parameters:
///   - deadline: When to give up; generous, since a test that succeeds does not wait for it.
///   - interval: How often to look.
///   - message: What is waited for, as the end of the sentence "did not happen in time: …".
///   - condition: Looked at once at least, and once more at the end.
/// - Throws: ``NotInTime``.
public func eventually(
    within deadline: Duration = .seconds(30),
    every interval: Duration = .milliseconds(50),
    _ message: @autoclosure () -> String,
    _ condition: () async throws -> Bool
) async throws {
    _ = try await eventualValue(within: deadline, every: interval, message()) {
        try await condition() ? true : nil
    }
}

/// Waits until a value is there, polling for it.
///
/// As ``eventually(within:every:_:_:)``.
/// - Returns: The first value that was not `nil`.
/// - Throws: ``NotInTime``.
public func eventualValue<Value>(
    within deadline: Duration = .seconds(30),
    every interval: Duration = .milliseconds(50),
    _ message: @autoclosure () -> String,
    _ value: () async throws -> Value?
) async throws -> Value {
    let limit = ContinuousClock.now.advanced(by: deadline)
    var lastError: (any Error)?
    while true {
        let isLast = ContinuousClock.now >= limit
        do {
            if let value = try await value() { return value }
            lastError = nil
        } catch {
            lastError = error
        }
        if isLast { break }
        try await Task.sleep(for: interval)
    }
    let seen = lastError.map { "; last error: \($0)" } ?? ""
    throw NotInTime(description: "did not happen within \(deadline): \(message())\(seen)")
}
