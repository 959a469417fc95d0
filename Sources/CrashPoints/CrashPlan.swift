#if CRASH_POINTS
/// What `CRASH_AT` asks for, and how often its point was passed.
///
/// Pure, but for the question whether a file could be removed, which the caller answers.
package struct CrashPlan: Equatable {
    private enum Target: Equatable {
        case point(CrashPoint, with: String?, passing: Int, once: String?)
        case directory(String)
    }

    private let target: Target
    private var passings = 0

    /// Reads the variable's value; `nil` when it means nothing.
    package init?(_ text: String) {
        if text.hasPrefix("@"), text.hasSuffix("/"), text.utf8.count > 2 {
            target = .directory(String(text.dropFirst()))
            return
        }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let once = parts.count == 2 ? String(parts[1]) : nil
        let passing = name.count == 2 ? Int(name[1]) ?? 0 : 1
        let place = name[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let subject = place.count == 2 ? String(place[1]) : nil
        guard let point = CrashPoint.allCases.first(where: { $0.name == place[0] }), passing > 0, once != "",
            subject != ""
        else { return nil }
        target = .point(point, with: subject, passing: passing, once: once)
    }

    /// A point was passed.
    ///
    /// - Parameters:
    ///   - point: Which one.
    ///   - subject: The id of the event in hand, where the point knows it.
    ///   - consume: Removes the file; whether it was there and this call removed it.
    /// - Returns: Whether to end the program.
    package mutating func passed(
        _ point: CrashPoint,
        with subject: String? = nil,
        consume: (String) -> Bool
    ) -> Bool {
        switch target {
        case .directory(let directory):
            return consume(directory + point.name)
        case .point(let wanted, let culprit, let passing, let once):
            guard wanted == point, culprit == nil || culprit == subject else { return false }
            passings += 1
            guard passings >= passing else { return false }
            return once.map(consume) ?? true
        }
    }
}

extension CrashPoint {
    /// The case in lower kebab, as `CRASH_AT` has it.
    package var name: String {
        String(describing: self)
            .reduce(into: "") { name, character in
                name += character.isUppercase ? "-\(character.lowercased())" : String(character)
            }
    }
}
#endif
