import FoundationEssentials
import SystemPackage

/// The programs that were built beside this one.
struct ProgramFolder {
    let path: FilePath

    /// The folder of the running executable.
    static let own: ProgramFolder = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return ProgramFolder(path: FilePath(link ?? CommandLine.arguments[0]).removingLastComponent())
    }()

    /// Every service that has a worker here, sorted.
    func builtServices() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path.string)) ?? []
        return names.filter { $0.hasSuffix("-worker") && isProgram($0) }
            .map { String($0.dropLast("-worker".count)) }
            .filter { !$0.isEmpty }
            .sorted()
    }

    /// Those whose worker has a settings file, `Config/<service>-worker.yaml`: a new one is found without any change.
    ///
    /// Without the file it is an example, or what is left of a service that was deleted: nothing that runs unasked.
    func services(configuredIn configuration: FilePath) -> [String] {
        builtServices()
            .filter { service in
                FileManager.default.fileExists(
                    atPath: configuration.appending("\(service)-worker.yaml").string
                )
            }
    }

    /// The path of a program.
    ///
    /// - Throws: ``CommandError`` when it is not there.
    func program(_ name: String) throws(CommandError) -> FilePath {
        guard isProgram(name) else {
            throw .settings("\(name) is not beside orderctl in \(path); build it with `swift build`.")
        }
        return path.appending(name)
    }

    private func isProgram(_ name: String) -> Bool {
        let path = path.appending(name).string
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return false }
        return !isDirectory && FileManager.default.isExecutableFile(atPath: path)
    }

    /// The folder of the shipped configuration: `CONFIG_DIRECTORY`, else `Config` here, else above the executable.
    ///
    /// - Throws: ``CommandError`` when there is none.
    func configuration(environment: [String: String], current: FilePath) throws(CommandError) -> FilePath {
        if let given = environment["CONFIG_DIRECTORY"], !given.isEmpty {
            return current.pushing(FilePath(given))
        }
        if isConfiguration(current.appending("Config")) { return current.appending("Config") }
        var folder = path
        while folder.removeLastComponent() {
            if isConfiguration(folder.appending("Config")) { return folder.appending("Config") }
        }
        throw .settings("There is no Config directory here; run from the package, or set CONFIG_DIRECTORY.")
    }

    private func isConfiguration(_ folder: FilePath) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending("rabbitmq").appending("rabbitmq.conf").string)
    }
}
