import FoundationEssentials
import Mustache
import OrderEvents
import ServiceKit

/// A subject and a text, compiled once when the program starts.
///
/// The file begins with `Subject: …`, then a blank line, then the text. Values are inserted as they are: mail is
/// plain text, so nothing is turned into HTML entities.
struct MailTemplate: Sendable {
    private let subject: MustacheTemplate
    private let text: MustacheTemplate

    /// Reads `<directory>/<name>.mustache`.
    ///
    /// - Throws: ``StartError`` with exit code `settings`, naming the file and the line.
    static func load(_ name: String, from directory: String) throws(StartError) -> MailTemplate {
        let path = "\(directory)/\(name).mustache"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartError(.settings, "notification.templates: \(path) cannot be read")
        }
        guard let source = String(validating: data, as: UTF8.self) else {
            throw StartError(.settings, "notification.templates: \(path) is not UTF-8")
        }
        return try MailTemplate(source, path: path)
    }

    /// Compiles a template's source.
    init(_ source: String, path: String) throws(StartError) {
        let lines = source.replacing("\r\n", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, first.hasPrefix("Subject: "), lines.count > 2, lines[1].isEmpty else {
            throw StartError(.settings, "template \(path): must begin with `Subject: …` and a blank line")
        }
        subject = try Self.compile(String(first.dropFirst("Subject: ".count)), startingAt: 1, path: path)
        text = try Self.compile(lines.dropFirst(2).joined(separator: "\n"), startingAt: 3, path: path)
    }

    /// Writes the mail about one order.
    ///
    /// - Parameter values: What the template may name; a name that is not there renders as nothing.
    /// - Returns: Both without blanks at their ends.
    func render(_ values: [String: String]) -> (subject: String, text: String) {
        (Self.trimmed(subject.render(values)), Self.trimmed(text.render(values)))
    }

    private static func compile(
        _ source: String,
        startingAt line: Int,
        path: String
    ) throws(StartError) -> MustacheTemplate {
        do {
            // The pragma stands on a line of its own, which it removes.
            return try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\n" + source)
        } catch let error as MustacheTemplate.ParserError {
            // Less the pragma's line.
            let real = line + error.context.lineNumber - 2
            throw StartError(.settings, "template \(path) line \(real): \(error.error)")
        } catch {
            throw StartError(.settings, "template \(path): \(error)")
        }
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}

extension OrderCreated {
    /// What templates may name.
    var templateValues: [String: String] {
        [
            "user_id": "\(userID)", "order_id": id, "product_id": "\(productID)", "quantity": "\(quantity)",
            "price": price.text(in: currency), "total": total.text(in: currency), "currency": currency,
            "created_at": createdAt,
        ]
    }
}

extension Money {
    /// `$1999.98` for US dollars, `EUR 12.00` for everything else.
    func text(in currency: String) -> String {
        currency == "USD" ? "$\(decimalText)" : "\(currency) \(decimalText)"
    }
}
