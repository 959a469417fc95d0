import FoundationEssentials
import SystemPackage

/// What `<directory>/up.json` says about a running `orderctl up`.
struct UpFile: Codable, Equatable, Sendable {
    /// One process that `up` keeps running.
    struct Process: Codable, Equatable, Sendable {
        var name: String
        var pid: Int32
        /// Where a worker answers `/health/*`, `/metrics` and its own pages; absent for programs that are no worker.
        var admin: String?
    }

    var orderService: String
    var rabbitmq: String
    var management: String
    var processes: [Process]

    enum CodingKeys: String, CodingKey {
        case orderService = "order_service"
        case rabbitmq
        case management
        case processes
    }
}

extension UpFile {
    /// The services whose workers run, each once: `inventory-worker-2` is a worker of `inventory`.
    var services: [String] {
        var services: [String] = []
        for process in processes {
            guard let match = process.name.wholeMatch(of: /(.+)-worker-[0-9]+/) else { continue }
            if !services.contains(String(match.1)) { services.append(String(match.1)) }
        }
        return services
    }

    /// Where the workers of a service answer their operators, in the order of their numbers.
    func adminAddresses(of service: String) -> [String] {
        processes.filter { $0.name.hasPrefix("\(service)-worker-") }.compactMap(\.admin)
    }

    /// Where the file is.
    static func path(in directory: FilePath) -> FilePath { directory.appending("up.json") }

    /// The file as JSON.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// Writes the file at once and whole; it holds a login, so only the user may read it.
    func save(in directory: FilePath) throws {
        let path = Self.path(in: directory)
        let temporary = directory.appending("up.json.new")
        let file = try FileDescriptor.open(
            temporary,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { _ = try file.writeAll(encoded() + Data("\n".utf8)) }
        guard SystemSeam.rename(temporary, to: path) else {
            throw CommandError.settings("cannot write \(path)")
        }
    }

    /// Removes the file.
    static func remove(in directory: FilePath) {
        try? FileManager.default.removeItem(atPath: path(in: directory).string)
    }

    /// Reads the file of an `up` that is running.
    ///
    /// - Returns: Nil when there is none, or when the `up` that wrote it is gone.
    /// - Throws: ``CommandError`` when the file is there but cannot be understood.
    static func running(in directory: FilePath) throws(CommandError) -> UpFile? {
        let path = path(in: directory)
        guard let data = FileManager.default.contents(atPath: path.string) else { return nil }
        guard !UpLock.isStale(in: directory) else { return nil }
        do {
            return try JSONDecoder().decode(UpFile.self, from: data)
        } catch {
            throw .settings("\(path) is not what `orderctl up` writes; remove it if no `up` is running.")
        }
    }
}
