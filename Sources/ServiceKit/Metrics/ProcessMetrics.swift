import CoreMetrics
import FoundationEssentials

/// What Linux knows about this process, under the names every Prometheus dashboard expects.
enum ProcessMetrics {
    /// Adds a collector that reads `/proc` before each rendering; elsewhere than on Linux nothing is shown.
    static func register(in registry: PrometheusRegistry) {
        guard FileManager.default.isReadableFile(atPath: "/proc/self/statm") else { return }
        let memory = Meter(label: "process_resident_memory_bytes", factory: registry)
        let descriptors = Meter(label: "process_open_fds", factory: registry)
        let start = Meter(label: "process_start_time_seconds", factory: registry)
        registry.describe("process_resident_memory_bytes", as: "Resident memory size in bytes.")
        registry.describe("process_open_fds", as: "Number of open file descriptors.")
        registry.describe(
            "process_start_time_seconds",
            as: "Start time of the process since 1970, in seconds."
        )
        start.set(Date().timeIntervalSince1970)
        registry.addCollector {
            if let bytes = residentBytes() { memory.set(bytes) }
            if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                descriptors.set(open.count)
            }
        }
    }

    /// Second field of `statm` (proc(5)), in pages of 4 KiB.
    private static func residentBytes() -> Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * 4_096
    }
}
