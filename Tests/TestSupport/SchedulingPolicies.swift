import FoundationEssentials

/// The scheduling policies (sched(7)) of a process's threads.
public enum SchedulingPolicies {
    /// The number of `SCHED_BATCH`.
    public static let batch = 3

    /// Those of the threads that are there.
    ///
    /// - Parameters:
    ///   - process: As below `/proc`: a process id, or `self`.
    ///   - name: Only of threads whose names begin so.
    /// - Returns: Each policy once, by its number.
    /// - Throws: Foundation's error where there is no such process.
    public static func ofThreads(of process: String, named name: String = "") throws -> Set<Int> {
        let tasks = "/proc/\(process)/task"
        // A thread may end meanwhile.
        let stats = try FileManager.default.contentsOfDirectory(atPath: tasks)
            .compactMap { FileManager.default.contents(atPath: "\(tasks)/\($0)/stat") }
        return Set(
            stats.map { String(decoding: $0, as: UTF8.self) }.filter { $0.contains("(\(name)") }
                .compactMap(policy)
        )
    }

    /// Field 41 of proc(5)'s stat; the third is what follows the name in brackets.
    private static func policy(of stat: String) -> Int? {
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 38 ? Int(fields[38]) : nil
    }
}
