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

/// How many workers of each service `up` starts: one, unless told otherwise.
///
/// Pure.
struct WorkerCounts: Equatable {
    static let range = 0...64

    private(set) var counts: [String: Int] = [:]

    /// Notes a service's number; nothing when it was not given.
    mutating func set(_ count: Int?, for service: String) {
        if let count { counts[service] = count }
    }

    /// The names of the workers to start: `inventory-worker-1`, … for each service found.
    ///
    /// - Throws: ``CommandError`` when a count names a service that is not there.
    func names(for services: [String]) throws(CommandError) -> [(service: String, name: String)] {
        for service in counts.keys.sorted() where !services.contains(service) {
            let known = services.joined(separator: ", ")
            throw .usage("there is no \(service)-worker beside orderctl; services: \(known)")
        }
        return services.flatMap { service in
            (0..<counts[service, default: 1]).map { (service, "\(service)-worker-\($0 + 1)") }
        }
    }
}
