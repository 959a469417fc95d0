import FoundationEssentials
import SystemPackage

/// The right to run `up` on a directory, held for as long as the file is open.
struct UpLock: ~Copyable {
    private let file: FileDescriptor

    /// Takes the lock.
    ///
    /// - Throws: ``CommandError`` when another `up` holds it, or the file cannot be opened.
    init(in directory: FilePath) throws(CommandError) {
        let path = Self.path(in: directory)
        guard let file = Self.open(path, create: true) else {
            throw .settings("cannot write in \(directory); choose another --directory.")
        }
        guard SystemSeam.lock(file) else {
            try? file.close()
            throw .refused(
                "`orderctl up` is already running in \(directory); stop it, or choose another --directory."
            )
        }
        self.file = file
    }

    deinit {
        try? file.close()
    }

    /// Whether an `up` has run here and none does now.
    static func isStale(in directory: FilePath) -> Bool {
        guard let file = open(path(in: directory), create: false) else { return false }
        defer { try? file.close() }
        return SystemSeam.lock(file)
    }

    private static func path(in directory: FilePath) -> FilePath { directory.appending("up.lock") }

    private static func open(_ path: FilePath, create: Bool) -> FileDescriptor? {
        try? FileDescriptor.open(
            path,
            .readWrite,
            options: create ? [.create, .closeOnExec] : [.closeOnExec],
            permissions: .ownerReadWrite
        )
    }
}
