import FoundationEssentials
import ServiceKit
import SystemPackage

/// Standard output and standard error, written in whole lines.
enum Console {
    /// Prints to standard output.
    static func line(_ text: String) {
        write(text, to: .standardOutput)
    }

    /// Prints to standard error; nothing in a server's words can steer the terminal.
    static func error(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        write(lines.map { LogText.escaped($0) }.joined(separator: "\n"), to: .standardError)
    }

    /// Prints a value as JSON, keys sorted.
    static func json(_ value: some Encodable) throws {
        line(try jsonText(value))
    }

    /// The value as JSON in one line; what could steer a terminal is escaped, as JSON allows within its strings.
    static func jsonText(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var text = ""
        for scalar in String(decoding: try encoder.encode(value), as: UTF8.self).unicodeScalars {
            if LogText.isUnsafe(scalar) {
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// Whether a person watches standard output.
    static var isTerminal: Bool { SystemSeam.isTerminal(.standardOutput) }

    private static func write(_ text: String, to file: FileDescriptor) {
        // Nobody is left to tell when the reader has gone.
        _ = try? file.writeAll(Array((text + "\n").utf8))
    }
}
