import FoundationEssentials
import SystemPackage

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The system calls behind a maildir; the only file of this program with unsafe lines.
///
/// Source: https://cr.yp.to/proto/maildir.html; blocking.
enum MailFolder {
    /// Makes `tmp`, `new` and `cur`, and everything above them.
    static func make(_ directory: FilePath) throws {
        for folder in ["tmp", "new", "cur"] {
            try FileManager.default.createDirectory(
                atPath: directory.appending(folder).string,
                withIntermediateDirectories: true
            )
        }
    }

    /// Writes a mail so that it is there wholly or not at all, and on disk on return.
    static func deliver(_ bytes: [UInt8], as name: String, in directory: FilePath) throws {
        // Several instances may write the same mail at once; each has a file of its own until the move.
        let draft = directory.appending("tmp").appending("\(name).\(UUID().uuidString)")
        let place = directory.appending("new")
        do {
            let file = try FileDescriptor.open(
                draft,
                .writeOnly,
                options: [.create, .exclusiveCreate],
                permissions: [.ownerReadWrite]
            )
            try file.closeAfter {
                try file.writeAll(bytes)
                try flush(file)
            }
            try move(draft, to: place.appending(name))
        } catch {
            try? FileManager.default.removeItem(atPath: draft.string)
            throw error
        }
        let folder = try FileDescriptor.open(place, .readOnly)
        try folder.closeAfter { try flush(folder) }
    }

    private static func flush(_ file: FileDescriptor) throws {
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Replaces what is there, in one step.
    private static func move(_ source: FilePath, to target: FilePath) throws {
        guard unsafe rename(source.string, target.string) == 0 else { throw Errno(rawValue: errno) }
    }
}
