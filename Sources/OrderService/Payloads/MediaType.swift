/// Judges the header `Content-Type`.
enum MediaType {
    /// Whether a body of this type is read as JSON: `application/json` or `application/…+json`, in UTF-8.
    static func isJSON(_ header: String) -> Bool {
        // As nearly every client writes it.
        if header == "application/json" { return true }
        let parts = header.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        guard let type = parts.first?.lowercased() else { return false }
        guard type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json") else {
            return false
        }
        return parts.dropFirst()
            .allSatisfy { parameter in
                let pair = parameter.lowercased().split(separator: "=", maxSplits: 1).map(trimmed)
                guard pair.first == "charset" else { return true }
                return pair.count == 2 && ["utf-8", "\"utf-8\"", "utf8"].contains(pair[1])
            }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
