import FoundationEssentials
import Mustache
import ServiceKit

/// One mustache template, compiled once, that knows how values are made harmless.
struct CompiledTemplate: Sendable {
    /// What the template writes.
    enum Format: String, Sendable {
        /// Values are inserted as they are.
        case text = "TEXT"
        /// Values can open no tag and end no attribute.
        case html = "SCALAR_HTML"
        /// Values stand between quotes and cannot end them.
        case json = "SCALAR_JSON"
    }

    private let template: MustacheTemplate

    /// Compiles a template's source.
    ///
    /// - Parameters:
    ///   - source: Mustache.
    ///   - format: How values are inserted.
    ///   - line: Of the file, on which the source begins.
    ///   - path: Of the file, for the error.
    /// - Throws: ``StartError`` with exit code `settings`, naming the file and the line.
    init(
        _ source: some StringProtocol,
        _ format: Format,
        startingAt line: Int = 1,
        path: String
    ) throws(StartError) {
        _ = Self.formats
        do {
            // The pragma stands on a line of its own, which it removes.
            template = try MustacheTemplate(string: "{{% CONTENT_TYPE:\(format.rawValue)}}\n" + source)
        } catch let error as MustacheTemplate.ParserError {
            // Less the pragma's line.
            let real = line + error.context.lineNumber - 2
            throw StartError(.settings, "template \(path) line \(real): \(error.error)")
        } catch {
            throw StartError(.settings, "template \(path): \(error)")
        }
    }

    /// The text, without blanks at its end.
    ///
    /// - Parameter values: What the template may name; a name that is not there renders as nothing.
    /// - Returns: The text.
    func render(_ values: [String: String]) -> String {
        var rest = template.render(values)[...]
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }

    /// Reads a file of templates.
    ///
    /// - Parameter path: Of the file.
    /// - Returns: Its text, line ends as LF.
    /// - Throws: ``StartError`` with exit code `settings`, naming the file.
    static func read(_ path: String) throws(StartError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartError(.settings, "notification.templates: \(path) cannot be read")
        }
        guard let source = String(validating: data, as: UTF8.self) else {
            throw StartError(.settings, "notification.templates: \(path) is not UTF-8")
        }
        return source.replacing("\r\n", with: "\n")
    }

    private static let formats: Void = {
        MustacheContentTypes.register(ScalarHTML(), named: Format.html.rawValue)
        MustacheContentTypes.register(ScalarJSON(), named: Format.json.rawValue)
    }()
}

/// HTML, looked at scalar by scalar.
///
/// The library's own goes by characters: a quote followed by a combining accent is one character and no quote to it,
/// but ends an attribute all the same.
struct ScalarHTML: MustacheContentType {
    func escapeText(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case _ where scalar.isControl && scalar != "\n": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// The inside of a JSON string (RFC 8259 section 7).
struct ScalarJSON: MustacheContentType {
    func escapeText(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            // Scripts take these two for line ends.
            case _ where scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// C0, C1, and the two separators that readers take for line ends.
    var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
    }
}
