import Glibc
import SystemPackage

/// A file that nobody but its owner may read, at no moment.
enum PrivateFile {
    /// Writes a file at once and whole.
    ///
    /// - Throws: `Errno`; then the file is as it was.
    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        let new = FilePath(path.string + ".new")
        // Not what an earlier attempt left, whose mode may be another.
        _ = unsafe new.withPlatformString { unsafe unlink($0) }
        let file = try FileDescriptor.open(
            new,
            .writeOnly,
            options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { _ = try file.writeAll(bytes) }
        let result = unsafe new.withPlatformString { new in
            unsafe path.withPlatformString { path in unsafe rename(new, path) }
        }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}
