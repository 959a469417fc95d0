/// Spells names, labels and numbers as the Prometheus text format wants them.
///
/// Pure. Source: Prometheus, "Exposition formats", text format 0.0.4.
enum MetricName {
    /// The name with every character that is not allowed turned into `_`.
    static func clean(_ name: String) -> String {
        clean(name, allowing: ":")
    }

    /// Labels sorted by name, so that the order in which they are given does not matter.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions
            .map { (clean($0.0, allowing: nil), $0.1) }
            .sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(escapedLabel($0.1))\"" }
            .joined(separator: ",")
    }

    /// The number in the shortest spelling that reads back the same; whole numbers without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Below 10^15 a double holds every whole number.
        if value.rounded() == value, abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }

    /// Help text on one line.
    static func escapedHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func escapedLabel(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func clean(_ name: String, allowing extra: Character?) -> String {
        let mapped = name.map { character in
            let isAllowed = character.isASCII && (character.isLetter || character.isNumber)
            return isAllowed || character == "_" || character == extra ? character : "_"
        }
        guard let first = mapped.first, !first.isNumber else { return "_" + String(mapped) }
        return String(mapped)
    }
}
