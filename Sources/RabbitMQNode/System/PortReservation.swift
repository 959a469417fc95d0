import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage

/// Ports that this process has spoken for, as locks that other processes see.
///
/// One empty file a port in the temporary directory; the lock ends with the process, however it ends.
enum PortReservation {
    private static let held = Mutex<[UInt16: FileDescriptor]>([:])

    /// Speaks for the port.
    ///
    /// - Returns: Whether nobody else had. True, too, where no file can be written: then there is nobody to ask.
    static func take(_ port: UInt16) -> Bool {
        held.withLock { held in
            guard held[port] == nil else { return false }
            guard let file = open(port) else { return true }
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                try? file.close()
                return false
            }
            held[port] = file
            return true
        }
    }

    private static func open(_ port: UInt16) -> FileDescriptor? {
        let directory = FileManager.default.temporaryDirectory.path + "/order-events-ports-\(getuid())"
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let path = FilePath("\(directory)/\(port)")
        return try? FileDescriptor.open(
            path,
            .readWrite,
            options: [.create, .closeOnExec],
            permissions: .ownerReadWrite
        )
    }
}
