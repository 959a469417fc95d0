import FoundationEssentials
import SystemPackage

/// Standard output and standard error, written in whole lines.
enum Console {
    /// Prints to standard output.
    static func line(_ text: String) {
        write(text, to: .standardOutput)
    }

    /// Prints to standard error.
    static func error(_ text: String) {
        write(text, to: .standardError)
    }

    /// Prints a value as JSON, keys sorted.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Whether a person watches standard output.
    static var isTerminal: Bool { SystemSeam.isTerminal(.standardOutput) }

    private static func write(_ text: String, to file: FileDescriptor) {
        // Nobody is left to tell when the reader has gone.
        _ = try? file.writeAll(Array((text + "\n").utf8))
    }
}
