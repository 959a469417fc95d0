import ServiceKit

/// A subject and a text, compiled once when the program starts.
///
/// The file begins with `Subject: …`, then a blank line, then the text. Values are inserted as they are: mail is
/// plain text, so nothing is turned into HTML entities.
struct MailTemplate: Sendable {
    private let subject: CompiledTemplate
    private let text: CompiledTemplate

    /// Compiles a template's source.
    ///
    /// - Throws: ``StartError`` with exit code `settings`, naming the file and the line.
    init(_ source: String, path: String) throws(StartError) {
        let lines = source.replacing("\r\n", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, first.hasPrefix("Subject: "), lines.count > 2, lines[1].isEmpty else {
            throw StartError(.settings, "template \(path): must begin with `Subject: …` and a blank line")
        }
        subject = try CompiledTemplate(first.dropFirst("Subject: ".count), .text, path: path)
        text = try CompiledTemplate(
            lines.dropFirst(2).joined(separator: "\n"),
            .text,
            startingAt: 3,
            path: path
        )
    }

    /// Writes the mail about one event.
    ///
    /// - Parameter values: What the template may name; a name that is not there renders as nothing.
    /// - Returns: Both without blanks at their ends.
    func render(_ values: [String: String]) -> (subject: String, text: String) {
        (subject.render(values), text.render(values))
    }
}
