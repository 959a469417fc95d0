import ArgumentParser

/// `loyalty=2`: how many workers of a service.
struct WorkerCount: ExpressibleByArgument, Equatable {
    var service: String
    var count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let count = Int(parts[1]),
            WorkerCounts.range.contains(count)
        else { return nil }
        service = String(parts[0])
        self.count = count
    }
}

/// How many workers of each service `up` starts: one of each that has settings, unless told otherwise.
///
/// Pure.
struct WorkerCounts: Equatable {
    static let range = 0...64

    private(set) var counts: [String: Int] = [:]

    /// Notes a service's number; nothing when it was not given.
    mutating func set(_ count: Int?, for service: String) {
        if let count { counts[service] = count }
    }

    /// The names of the workers to start: `inventory-worker-1`, … for each service.
    ///
    /// - Parameters:
    ///   - configured: Services that are started without being named.
    ///   - built: All that have a worker beside this program.
    /// - Returns: Workers sorted by service.
    /// - Throws: ``CommandError`` when a count names a service that is not there.
    func names(
        for configured: [String],
        among built: [String]
    ) throws(CommandError) -> [(service: String, name: String)] {
        for service in counts.keys.sorted() where !built.contains(service) {
            let known = built.joined(separator: ", ")
            throw .usage("there is no \(service)-worker beside orderctl; services: \(known)")
        }
        return built.flatMap { service in
            (0..<counts[service, default: configured.contains(service) ? 1 : 0])
                .map { (service, "\(service)-worker-\($0 + 1)") }
        }
    }
}
