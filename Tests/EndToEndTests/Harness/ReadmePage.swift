import FoundationEssentials
import SystemPackage
import TestSupport

/// The README, or another page of the same form, taken apart.
struct ReadmePage: Sendable {
    /// What stands between two fences.
    struct Block: Sendable {
        /// The word behind the opening fence; empty for a picture.
        var language: String
        var text: String
        /// The line of the opening fence, from 1.
        var line: Int
    }

    /// All lines of the page.
    let lines: [String]
    /// All fenced blocks, from top to bottom.
    let blocks: [Block]
    /// The lines outside the fences.
    let prose: [String]

    /// Reads the page.
    init(_ path: String = "README.md") throws {
        lines = try Self.read(path).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        var blocks: [Block] = []
        var prose: [String] = []
        var open: Block?
        var content: [String] = []
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                if var block = open {
                    block.text = content.joined(separator: "\n")
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(language: String(line.dropFirst(3)), text: "", line: index + 1)
                    content = []
                }
            } else if open == nil {
                prose.append(line)
            } else {
                content.append(line)
            }
        }
        guard open == nil else { throw NotInTime(description: "a fence of \(path) is not closed") }
        self.blocks = blocks
        self.prose = prose
    }

    /// The rows of the tables below a heading of the second level, without their headers.
    func rows(below heading: String) -> [String] {
        let section = prose.drop { $0 != "## \(heading)" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return section.filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }.dropFirst().map { $0 }
    }

    /// Everything that the prose sets in backquotes.
    var quoted: [String] {
        prose.flatMap { line in
            line.matches(of: /`([^`]+)`/).map { String($0.1) }
        }
    }

    /// Reads a file of the package.
    static func read(_ path: String) throws -> String {
        let file = PackageLayout.root.pushing(FilePath(path)).string
        guard let data = FileManager.default.contents(atPath: file) else {
            throw NotInTime(description: "there is no \(path)")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// A text with what differs from run to run made equal: ids, times, dates and addresses.
    static func masked(_ text: String) -> String {
        text.replacing("\r", with: "")
            .replacing(id, with: "<id>")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z/, with: "<time>")
            .replacing(/[0-9:]{8}\.[0-9]{3}Z/, with: "<clock>")
            .replacing(/Date: [A-Za-z0-9:, ]+ GMT/, with: "Date: <date>")
            .replacing(/127\.0\.0\.1:[0-9]+/, with: "<address>")
            .trimmingSuffix { $0.isWhitespace }
    }

    /// The ids in a text, from its beginning to its end.
    static func ids(in text: String) -> [String] {
        text.matches(of: id).map { String($0.0) }
    }

    private static var id: Regex<Substring> {
        /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/
    }

    /// Whether a program said what the page shows, where a line of three dots stands for any number of lines.
    ///
    /// Where a chart is shown there must be one; how high its bars are is a matter of when the orders came.
    static func shows(_ shown: String, in said: String) -> Bool {
        func isChart(_ line: String) -> Bool {
            line.contains("┤") || line.contains("┼")
                || line.wholeMatch(of: /\s+[0-9]{2}:[0-9]{2}(\s+[0-9]{2}:[0-9]{2})?/) != nil
        }
        let (shown, said) = (masked(shown).lines, masked(said).lines)
        guard shown.contains(where: isChart) == said.contains(where: isChart) else { return false }
        let pattern = shown.filter { !isChart($0) }
        return matches(said.filter { !isChart($0) }[...], pattern[...])
    }

    private static func matches(_ lines: ArraySlice<String>, _ pattern: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return lines.isEmpty }
        guard first == "…" else {
            return lines.first == first && matches(lines.dropFirst(), pattern.dropFirst())
        }
        return (lines.startIndex...lines.endIndex)
            .contains { matches(lines[$0...], pattern.dropFirst()) }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isUnwanted: (Character) -> Bool) -> String {
        var rest = self[...]
        while let last = rest.last, isUnwanted(last) { rest.removeLast() }
        return String(rest)
    }

    fileprivate var lines: [String] {
        split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
