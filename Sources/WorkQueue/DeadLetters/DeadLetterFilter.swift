internal import FoundationEssentials

/// Chooses dead letters.
///
/// Every condition that is given must hold; none given chooses all.
public struct DeadLetterFilter: Hashable, Sendable {
    /// The event's id, exactly.
    public var id: String?
    /// The event's type, exactly.
    public var type: String?
    /// The reason, exactly.
    public var reason: String?
    /// A part of the error, in any case of letters.
    public var error: String?
    /// Failed last at least this long ago.
    ///
    /// What has no time is not chosen.
    public var olderThan: Duration?

    /// Creates a filter.
    public init(
        id: String? = nil,
        type: String? = nil,
        reason: String? = nil,
        error: String? = nil,
        olderThan: Duration? = nil
    ) {
        self.id = id
        self.type = type
        self.reason = reason
        self.error = error
        self.olderThan = olderThan
    }

    /// Whether no condition is given.
    public var isEmpty: Bool { self == DeadLetterFilter() }

    /// Whether the letter is chosen.
    public func chooses(_ letter: DeadLetter) -> Bool {
        chooses(letter, at: .now)
    }

    func chooses(_ letter: DeadLetter, at now: Date) -> Bool {
        if let id, letter.id != id { return false }
        if let type, letter.type != type { return false }
        if let reason, letter.reason != reason { return false }
        if let error, letter.error?.lowercased().contains(error.lowercased()) != true { return false }
        guard let olderThan else { return true }
        guard let text = letter.lastFailedAt,
            let time = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        else { return false }
        return now.timeIntervalSince(time) >= Double(olderThan.components.seconds)
    }
}
