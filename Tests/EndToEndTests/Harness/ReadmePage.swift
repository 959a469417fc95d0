import FoundationEssentials
import SystemPackage
import TestSupport

/// The README, taken apart.
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
    init() throws {
        lines = try Self.read("README.md").split(separator: "\n", omittingEmptySubsequences: false)
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
        guard open == nil else { throw NotInTime(description: "a fence of README.md is not closed") }
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

    /// A text with what differs from run to run made equal: ids, times and dates, all of a fixed width.
    static func masked(_ text: String) -> String {
        text.replacing("\r", with: "")
            .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "<id>")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z/, with: "<time>")
            .replacing(/[0-9:]{8}\.[0-9]{3}Z/, with: "<clock>")
            .replacing(/Date: [A-Za-z0-9:, ]+ GMT/, with: "Date: <date>")
            .trimmingSuffix { $0.isWhitespace }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isUnwanted: (Character) -> Bool) -> String {
        var rest = self[...]
        while let last = rest.last, isUnwanted(last) { rest.removeLast() }
        return String(rest)
    }
}
