import FoundationEssentials
import OrderEvents
import SystemPackage

/// How often each message left for its customer, by the id in its `Message-ID`, which is that of its event.
///
/// 16 bytes a message, sorted. What has no such id is counted apart.
struct MailRecord: Equatable, Sendable {
    private let sent: [UUIDv7]
    /// Messages whose id is none of ours.
    let foreign: Int

    /// Takes ids as they were read: `<id@host>`, `id.eml`, a maildir's `id.eml:2,S`, or the id alone.
    ///
    /// Pure.
    init(_ names: some Sequence<String>) {
        var sent: [UUIDv7] = []
        var foreign = 0
        for name in names {
            let trimmed = name.drop { $0 == "<" || $0.isWhitespace }
            if let id = UUIDv7(String(trimmed.prefix(36))) { sent.append(id) } else { foreign += 1 }
        }
        self.sent = sent.sorted()
        self.foreign = foreign
    }

    /// Reads a maildir (a file a mail, in `new` and `cur`), a folder of `.eml` files, or a file of Message-IDs, one a
    /// line.
    ///
    /// - Throws: ``CommandError`` where it cannot be read.
    static func read(_ path: FilePath) throws(CommandError) -> MailRecord {
        let files = FileManager.default
        var isDirectory = false
        guard files.fileExists(atPath: path.string, isDirectory: &isDirectory) else {
            throw .settings("There are no mails at \(path).")
        }
        guard isDirectory else {
            guard let data = files.contents(atPath: path.string) else {
                throw .settings("\(path) cannot be read.")
            }
            let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            return MailRecord(lines.map(String.init))
        }
        let folders = ["new", "cur"].map { path.appending($0).string }.filter { files.fileExists(atPath: $0) }
        let names = (folders.isEmpty ? [path.string] : folders)
            .flatMap { (try? files.contentsOfDirectory(atPath: $0)) ?? [] }
        return MailRecord(names)
    }

    /// How often the message about an event left.
    func count(_ event: String) -> Int {
        guard let id = UUIDv7(event) else { return 0 }
        var index = sent.firstIndex(notBefore: id)
        var count = 0
        while index < sent.count, sent[index] == id {
            count += 1
            index += 1
        }
        return count
    }

    /// How many left in all.
    var total: Int { sent.count }
}

extension [UUIDv7] {
    /// The first place, in a sorted array, of something that is not smaller.
    func firstIndex(notBefore id: UUIDv7) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a sorted array has it.
    func holds(_ id: UUIDv7) -> Bool {
        let index = firstIndex(notBefore: id)
        return index < count && self[index] == id
    }
}
