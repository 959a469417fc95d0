import SystemPackage

/// The environment of each program: what `up` was given, and what `up` decides.
///
/// Pure.
struct ChildEnvironment {
    let inherited: [String: String]
    let directory: FilePath
    let configuration: FilePath
    let broker: UpPlan.Broker

    /// For the order service.
    func orderService(port: UInt16) -> [String: String] {
        common(service: "order-service").merging(["HTTP_PORT": "\(port)"]) { $1 }
    }

    /// For a worker; its admin port is chosen at each start, whatever `ADMIN_PORT` says: it cannot serve several.
    func worker(of service: String) -> [String: String] {
        var environment = common(service: service)
        environment["ADMIN_PORT"] = nil
        // `up` and up.json speak of 127.0.0.1, which only the wildcard has too.
        if given("ADMIN_HOST") != "0.0.0.0" { environment["ADMIN_HOST"] = nil }
        return environment
    }

    private func common(service: String) -> [String: String] {
        var environment = inherited.merging(broker.environment(of: service)) { $1 }
        environment["CONFIG_DIRECTORY"] = configuration.string
        // Every service owns a database; only a PostgreSQL server is one that they may share.
        if !UpDirectory.isPostgres(inherited["DATABASE_URL"]) {
            environment["DATABASE_URL"] = "sqlite:\(directory.appending("\(service).db"))"
        }
        environment["LOG_FORMAT"] = given("LOG_FORMAT") ?? "pretty"
        environment["NOTIFICATION_DIRECTORY"] =
            given("NOTIFICATION_DIRECTORY") ?? directory.appending("mail").string
        return environment
    }

    private func given(_ name: String) -> String? {
        inherited[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
