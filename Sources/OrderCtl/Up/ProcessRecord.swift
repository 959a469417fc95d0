import FoundationEssentials
import SystemPackage

/// A process that `up` started, told apart from any later one with the same id by when it started.
struct ProcessRecord: Codable, Equatable, Sendable {
    var name: String
    var pid: Int32
    /// Clock ticks between the machine's start and the process's (field 22 of `/proc/<pid>/stat`, proc(5)).
    var startTicks: UInt64

    /// The record of a running process; nil when there is none.
    init?(name: String, pid: Int32) {
        guard let ticks = Self.startTicks(of: pid) else { return nil }
        self.name = name
        self.pid = pid
        startTicks = ticks
    }

    /// Whether exactly this process still runs; one that has ended but was not reaped does not.
    var isRunning: Bool { Self.startTicks(of: pid) == startTicks }

    /// Who started a process that still runs (field 4 of `stat`); nil when there is none.
    static func parent(of pid: Int32) -> Int32? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        let stat = String(decoding: data, as: UTF8.self)
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 1, fields[0] != "Z" else { return nil }
        return Int32(fields[1])
    }

    private static func startTicks(of pid: Int32) -> UInt64? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        return startTicks(inStat: String(decoding: data, as: UTF8.self))
    }

    /// The start in a line of `stat`, whose second field is a name in parentheses that may hold blanks.
    static func startTicks(inStat stat: String) -> UInt64? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        // The third field is the state, here at index 0; Z has ended.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
