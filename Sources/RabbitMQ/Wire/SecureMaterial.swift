internal import Glibc

/// What the files of ``TransportSecurity`` held when they were read.
///
/// Values, so that a thread which may wait for a disk reads them for one which may not.
struct SecureMaterial: Sendable {
    /// `nil`: the system's authorities.
    var authorities: [UInt8]?
    var certificate: [UInt8]?
    var key: [UInt8]?
    /// Named in messages.
    var authoritiesFile: String?
}

extension TransportSecurity {
    /// 4 MiB: more than all authorities of the world together.
    private static let largestFile = 4 << 20

    /// Reads the files.
    ///
    /// Blocks as long as the disk does.
    /// - Throws: ``Problem`` of the first file that cannot be read.
    func read() throws(Problem) -> SecureMaterial {
        SecureMaterial(
            authorities: try read(.authorities),
            certificate: try read(.certificate),
            key: try read(.key),
            authoritiesFile: authorities
        )
    }

    func path(of file: File) -> String? {
        switch file {
        case .authorities: authorities
        case .certificate: certificate
        case .key: key
        }
    }

    /// The whole file; `nil` where none is named.
    func read(_ file: File) throws(Problem) -> [UInt8]? {
        guard let path = path(of: file) else { return nil }
        // Non-blocking: a pipe under this name must not hold anybody.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Problem(file, "cannot be read: \(Self.text(errno))") }
        defer { close(descriptor) }
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw Problem(file, "must be a file")
        }
        guard facts.st_size <= Self.largestFile else { throw Problem(file, "must be at most 4 MiB") }
        // One byte more shows whether it grew.
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size) + 1)
        var count = 0
        while count < bytes.count {
            let more = unsafe bytes.withUnsafeMutableBytes { space in
                unsafe Glibc.read(descriptor, space.baseAddress?.advanced(by: count), space.count - count)
            }
            guard more >= 0 else { throw Problem(file, "cannot be read: \(Self.text(errno))") }
            if more == 0 { break }
            count += more
        }
        guard count < bytes.count else { throw Problem(file, "changed while it was read") }
        return Array(bytes.prefix(count))
    }

    /// Whether people beyond its owner and group may read the key.
    var keyIsOpenToOthers: Bool {
        var facts = stat()
        guard let key, unsafe stat(key, &facts) == 0 else { return false }
        return facts.st_mode & 0o007 != 0
    }

    private static func text(_ number: Int32) -> String {
        unsafe String(cString: strerror(number))
    }
}
