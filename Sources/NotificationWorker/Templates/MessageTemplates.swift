import FoundationEssentials
import ServiceKit

/// Everything that customers are told, in every language.
///
/// One file each, read and compiled once: `<kind>.<language>.text.mustache` (subject and text of the mail),
/// `<kind>.<language>.html.mustache` (its page), `<kind>.<language>.sms.mustache` (the short text). A language is there
/// once it has all files of all kinds.
struct MessageTemplates: Sendable {
    /// What one message says.
    struct Words: Equatable, Sendable {
        /// Empty for a short text.
        var subject: String
        var text: String
        /// Nil for a short text, and where none was asked for.
        var html: String?
    }

    private struct Key: Hashable {
        var kind: MessageKind
        var language: String
    }

    private struct Entry: Sendable {
        var mail: MailTemplate
        var html: CompiledTemplate
        var sms: CompiledTemplate
    }

    private let entries: [Key: Entry]
    /// Such as `de` and `en`.
    let languages: Set<String>

    /// Reads a directory.
    ///
    /// - Throws: ``StartError`` with exit code `settings`, naming the file and the line.
    static func load(from directory: String) throws(StartError) -> MessageTemplates {
        let suffix = ".text.mustache"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        var languages: Set<String> = []
        for kind in MessageKind.allCases {
            let prefix = kind.rawValue + "."
            for file in files where file.hasPrefix(prefix) && file.hasSuffix(suffix) {
                languages.insert(String(file.dropFirst(prefix.count).dropLast(suffix.count)))
            }
        }
        guard !languages.isEmpty else {
            let example = "\(MessageKind.orderCreated.rawValue).en\(suffix)"
            throw StartError(
                .settings,
                "notification.templates: \(directory) has no templates, such as \(example)"
            )
        }
        var entries: [Key: Entry] = [:]
        for kind in MessageKind.allCases {
            for language in languages.sorted() {
                let base = "\(directory)/\(kind.rawValue).\(language)"
                entries[Key(kind: kind, language: language)] = try entry(base)
            }
        }
        return MessageTemplates(entries: entries, languages: languages)
    }

    private static func entry(_ base: String) throws(StartError) -> Entry {
        func path(_ part: String) -> String { "\(base).\(part).mustache" }
        return Entry(
            mail: try MailTemplate(CompiledTemplate.read(path("text")), path: path("text")),
            html: try CompiledTemplate(CompiledTemplate.read(path("html")), .html, path: path("html")),
            sms: try CompiledTemplate(CompiledTemplate.read(path("sms")), .text, path: path("sms"))
        )
    }

    /// Fills in one message.
    ///
    /// - Parameters:
    ///   - kind: What it is about.
    ///   - language: One of ``languages``; anything else gives an empty message, which settings rule out.
    ///   - channel: How it goes.
    ///   - html: Whether a mail gets a page, too.
    ///   - values: What the templates may name.
    /// - Returns: What it says.
    func words(
        _ kind: MessageKind,
        language: String,
        channel: CustomerMessage.Channel,
        html: Bool = true,
        _ values: [String: String]
    ) -> Words {
        guard let entry = entries[Key(kind: kind, language: language)] else {
            return Words(subject: "", text: "", html: nil)
        }
        switch channel {
        case .sms: return Words(subject: "", text: entry.sms.render(values), html: nil)
        case .email:
            let (subject, text) = entry.mail.render(values)
            return Words(subject: subject, text: text, html: html ? entry.html.render(values) : nil)
        }
    }
}
