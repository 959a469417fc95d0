internal import RabbitMQNode
public import SystemPackage
public import Testing

/// A file system of a few megabytes of its own, which a test may fill up.
///
/// In memory (`tmpfs`), so that mounting one needs the rights of root.
public struct SmallDisk: Sendable {
    /// Where it is mounted.
    public let path: FilePath

    /// Mounts one, hands it to the body, and always unmounts it.
    public static func with(megabytes: Int, _ body: (SmallDisk) async throws -> Void) async throws {
        let place = try TemporaryDirectory("small-disk")
        try await command("/bin/mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", place.text)
        let disk = SmallDisk(path: place.path)
        do {
            try await body(disk)
        } catch {
            await disk.unmount()
            throw error
        }
        await disk.unmount()
    }

    private func unmount() async {
        // Lazily: a handle of the test may still be open.
        try? await Self.command("/bin/umount", "-l", path.string)
    }

    /// Takes every byte that is left.
    public func fill() async throws {
        let all = ["if=/dev/zero", "of=\(path.appending("filler"))", "bs=4096"]
        let finished = try await ProgramUnderTest.run("/bin/dd", all)
        guard finished.error.contains("No space left") else {
            throw NotInTime(description: "the disk is not full: \(finished.error)")
        }
    }

    /// Gives back what ``fill()`` took.
    public func makeRoom() async throws {
        try await Self.command("/bin/rm", path.appending("filler").string)
    }

    static func command(_ program: String, _ arguments: String...) async throws {
        try await command(program, arguments)
    }

    static func command(_ program: String, _ arguments: [String]) async throws {
        let finished = try await ProgramUnderTest.run(program, arguments)
        guard finished.exit == .code(0) else {
            throw NotInTime(description: "\(program) failed: \(finished.error)")
        }
    }

    /// Whether this process may mount one; tried once.
    // Unstructured because every test that asks waits for the one try.
    static let isPossible = Task {
        (try? await with(megabytes: 1) { _ in }) != nil
    }
}

/// Files that nobody may write to, not even root, nor through a descriptor that was open before.
///
/// As on a disk that became read-only because of an error: `chattr +i`, which needs the rights of root.
public enum FrozenFiles {
    /// Freezes files, hands over to the body, and always thaws them.
    public static func with(_ paths: [String], _ body: () async throws -> Void) async throws {
        try await SmallDisk.command("/usr/bin/chattr", ["+i"] + paths)
        do {
            try await body()
        } catch {
            try? await SmallDisk.command("/usr/bin/chattr", ["-i"] + paths)
            throw error
        }
        try await SmallDisk.command("/usr/bin/chattr", ["-i"] + paths)
    }

    /// Freezes the SQLite database at a path, with its write-ahead log.
    public static func with(database path: String, _ body: () async throws -> Void) async throws {
        try await with([path, "\(path)-wal"], body)
    }

    /// Whether files can be frozen here; tried once.
    // Unstructured because every test that asks waits for the one try.
    static let isPossible = Task {
        guard let directory = try? TemporaryDirectory("frozen") else { return false }
        return (try? await with([directory.text]) {}) != nil
    }
}

extension Trait where Self == ConditionTrait {
    /// The test needs a disk of its own; skipped where this process may not mount one.
    public static var smallDisk: Self {
        .enabled("mounting a tmpfs needs root and CAP_SYS_ADMIN") { await SmallDisk.isPossible.value }
    }

    /// The test needs files that root cannot write to; skipped where that cannot be arranged.
    public static var frozenFiles: Self {
        .enabled("chattr +i needs root, CAP_LINUX_IMMUTABLE and a file system that knows it") {
            await FrozenFiles.isPossible.value
        }
    }
}
