/// Finds what somebody probably meant.
///
/// Pure; costs the product of both lengths, so only for short names.
enum Suggestion {
    /// The closest of the candidates, if one is close enough to be a slip of the finger.
    static func closest(to text: String, among candidates: some Sequence<String>) -> String? {
        // A third of the letters wrong is no slip any more; long names are cut off to bound the work.
        let limit = max(1, min(3, text.count / 3))
        let measured = candidates.map { (name: $0, distance: distance(text.prefix(64), $0.prefix(64))) }
        return measured.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
    }

    /// How many letters must be added, removed or replaced to turn one text into the other (Levenshtein).
    static func distance(_ first: Substring, _ second: Substring) -> Int {
        let target = Array(second)
        var row = Array(0...target.count)
        for (index, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in target.indices {
                let replaced = diagonal + (letter == target[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[target.count]
    }
}

/// Shows foreign text inside a message.
enum Quoted {
    /// The text in quotes, without control characters, at most 60 characters of it.
    static func short(_ text: String) -> String {
        let visible = LogText.escaped(text.prefix(60))
        return text.count > 60 ? "\"\(visible)…\"" : "\"\(visible)\""
    }
}
