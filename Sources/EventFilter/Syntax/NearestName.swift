/// Finds the name that somebody probably meant.
///
/// Pure; names are cut at 64 characters, so the work is bounded.
enum NearestName {
    /// The nearest of the candidates, if it is near enough to be a slip of the finger.
    static func find(_ text: String, among candidates: [String]) -> String? {
        let limit = max(1, min(3, text.count / 3))
        let measured = candidates.map { (name: $0, distance: distance(text.prefix(64), $0.prefix(64))) }
        return measured.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
    }

    /// Letters to add, remove or replace (Levenshtein); upper and lower case count as the same.
    private static func distance(_ first: Substring, _ second: Substring) -> Int {
        let target = Array(second.lowercased())
        var row = Array(0...target.count)
        for (index, letter) in first.lowercased().enumerated() {
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
