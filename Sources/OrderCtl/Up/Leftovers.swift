import FoundationEssentials
import Glibc
import SystemPackage

/// The processes of an `up` that was killed before it could end them.
enum Leftovers {
    /// Writes down what runs now.
    static func record(_ records: [ProcessRecord], in directory: FilePath) {
        guard let data = try? JSONEncoder().encode(records) else { return }
        try? data.write(to: URL(filePath: path(in: directory).string), options: .atomic)
    }

    /// Nothing runs any more.
    static func forget(in directory: FilePath) {
        try? FileManager.default.removeItem(atPath: path(in: directory).string)
    }

    /// Ends what a former `up` left running: SIGTERM, and SIGKILL after 10 s.
    ///
    /// - Returns: The names of what was ended.
    static func end(in directory: FilePath) async -> [String] {
        guard let data = FileManager.default.contents(atPath: path(in: directory).string) else { return [] }
        let recorded = (try? JSONDecoder().decode([ProcessRecord].self, from: data)) ?? []
        let running = recorded.filter(\.isRunning)
        for process in running { SystemSeam.signalGroup(process.pid, SIGTERM) }
        let limit = ContinuousClock.now.advanced(by: .seconds(10))
        while running.contains(where: \.isRunning), ContinuousClock.now < limit {
            try? await Task.sleep(for: .milliseconds(50))
        }
        for process in running where process.isRunning { SystemSeam.signalGroup(process.pid, SIGKILL) }
        forget(in: directory)
        return running.map(\.name)
    }

    private static func path(in directory: FilePath) -> FilePath { directory.appending("processes.json") }
}
