import FoundationEssentials
import OrderEvents
import SystemPackage

/// Takes mails out of a maildir as they come, as a mail reader does, and keeps a list of their ids.
///
/// The transport names a mail after its event, so that a second one would replace the first: only who has taken the first
/// away sees both.
actor MailReader {
    /// A mail that came again.
    struct Repeat: Equatable, Sendable {
        var event: UUIDv7
        /// Since the load began.
        var first: Duration
        var again: Duration
    }

    private let folder: FilePath
    private let list: FileDescriptor
    private let began: ContinuousClock.Instant
    private var seen: [UUIDv7: Duration] = [:]
    private(set) var repeats: [Repeat] = []

    /// Begins a list.
    ///
    /// - Parameters:
    ///   - maildir: Need not be there yet.
    ///   - list: A file of ids, one a line; made new.
    ///   - began: When the load began.
    /// - Throws: Where the list cannot be made.
    init(maildir: FilePath, list: FilePath, began: ContinuousClock.Instant) throws {
        folder = maildir.appending("new")
        self.began = began
        self.list = try FileDescriptor.open(
            list,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: .ownerReadWrite
        )
    }

    /// How many different mails came.
    var count: Int { seen.count }

    /// Takes mails five times a second until the task is cancelled, and then once more.
    func run() async {
        while !Task.isCancelled {
            take()
            try? await Task.sleep(for: .milliseconds(200))
        }
        take()
        try? list.close()
    }

    /// Takes what is there now.
    func take() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        let now = began.duration(to: .now)
        var lines = ""
        for name in names {
            guard let id = UUIDv7(String(name.prefix(36))) else { continue }
            try? FileManager.default.removeItem(atPath: folder.appending(name).string)
            lines += "\(id)\n"
            if let first = seen[id] {
                repeats.append(Repeat(event: id, first: first, again: now))
            } else {
                seen[id] = now
            }
        }
        if !lines.isEmpty { _ = try? list.writeAll(Array(lines.utf8)) }
    }
}
