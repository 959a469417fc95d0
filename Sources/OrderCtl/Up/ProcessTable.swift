import Glibc
import RabbitMQNode
import Synchronization
import SystemPackage

/// What runs now, by name; written to disk at each change.
///
/// Any task.
final class ProcessTable: Sendable {
    private struct Entry {
        var process: ChildProcess
        /// A worker's admin port.
        var admin: UInt16?
    }

    private struct Contents {
        var programs: [String: Entry] = [:]
        var ready: Set<String> = []
        var node: [String: Int32] = [:]
    }

    private let contents = Mutex(Contents())
    private let directory: FilePath

    init(directory: FilePath) {
        self.directory = directory
    }

    /// A program was started.
    ///
    /// - Parameters:
    ///   - process: The program.
    ///   - name: Its name here.
    ///   - admin: The port that a worker was told to answer its operators on.
    func set(_ process: ChildProcess, for name: String, admin: UInt16?) {
        change { $0.programs[name] = Entry(process: process, admin: admin) }
    }

    /// A program has ended.
    func remove(_ name: String) {
        change { $0.programs[name] = nil }
    }

    /// A process of the broker was started, `rabbitmq` or `epmd`, or has ended.
    func setNode(_ name: String, _ pid: Int32?) {
        change { $0.node[name] = pid }
    }

    /// The program answered that it is ready, once at least.
    func noteReady(_ name: String) {
        contents.withLock { _ = $0.ready.insert(name) }
    }

    /// Whether the program was ready once.
    func wasReady(_ name: String) -> Bool {
        contents.withLock { $0.ready.contains(name) }
    }

    /// Which of these have not been ready yet.
    func notReady(of names: [String]) -> [String] {
        contents.withLock { contents in names.filter { !contents.ready.contains($0) } }
    }

    /// Every program that runs.
    var programs: [ChildProcess] {
        contents.withLock { $0.programs.values.map(\.process) }
    }

    /// What `up.json` says: programs by name, then the broker.
    var listed: [UpFile.Process] {
        contents.withLock { contents in
            let programs = contents.programs.map { name, entry in
                UpFile.Process(
                    name: name,
                    pid: entry.process.pid,
                    admin: entry.admin.map { "http://127.0.0.1:\($0)" }
                )
            }
            let broker = contents.node["rabbitmq"].map { UpFile.Process(name: "rabbitmq", pid: $0) }
            return programs.sorted { $0.name < $1.name } + [broker].compactMap { $0 }
        }
    }

    /// Ends everything at once; who waits for the ends sees them.
    func killAll() {
        for process in programs { process.sendToGroup(SIGKILL) }
        for pid in contents.withLock({ Array($0.node.values) }) { SystemSeam.signalGroup(pid, SIGKILL) }
    }

    private func change(_ body: (inout Contents) -> Void) {
        contents.withLock { contents in
            body(&contents)
            let pids = contents.programs.mapValues(\.process.pid).merging(contents.node) { first, _ in first }
            // Within the lock, so that the file's last state is the table's.
            Leftovers.record(pids.compactMap { ProcessRecord(name: $0.key, pid: $0.value) }, in: directory)
        }
    }
}
