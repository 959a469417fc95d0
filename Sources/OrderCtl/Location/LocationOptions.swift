import ArgumentParser
import Database
import FoundationEssentials
import RabbitMQ
import ServiceKit
import SystemPackage
import WorkQueue

/// The options that every command shares: where the system is, and how to print.
struct LocationOptions: ParsableArguments {
    @Option(help: "Directory of a running `orderctl up` (UP_DIRECTORY; default .run).")
    var directory: String?

    @Option(help: "Address of the order service (ORDER_SERVICE_URL).")
    var orderService: String?

    @Option(name: .customLong("rabbitmq-url"), help: "Address of the broker (RABBITMQ_URL).")
    var rabbitmqURL: String?

    @Option(
        name: .customLong("management-url"),
        help: "Address of the broker's management API (MANAGEMENT_URL)."
    )
    var managementURL: String?

    @Option(
        name: .customLong("database-url"),
        help: "The database of the service that the command reads (DATABASE_URL)."
    )
    var databaseURL: String?

    @Flag(help: "Print JSON instead of tables.")
    var json = false
}

extension LocationOptions {
    /// Where everything is: flag, running `up`, environment, file, default.
    ///
    /// - Parameters:
    ///   - retryDelays: What a flag says of the retry ladder.
    ///   - analyticsURL: What a flag says of the analytics worker.
    ///   - service: Whose database it is that the command reads.
    /// - Returns: The place of each part.
    /// - Throws: ``CommandError`` or `SettingsError`, naming every bad setting.
    func locate(
        retryDelays: String? = nil,
        analyticsURL: String? = nil,
        databaseOf service: String = "inventory"
    ) async throws -> SystemLocation {
        let environment = ProcessInfo.processInfo.environment
        let directory = UpDirectory.choose(directory, environment: environment)
        let running = try UpFile.running(in: directory)
        var database = databaseURL
        // Every service of a running `up` has its own file there, unless all share a PostgreSQL server.
        if database == nil, running != nil, !UpDirectory.isPostgres(environment["DATABASE_URL"]) {
            database = "sqlite:\(directory.appending("\(service).db"))"
        }
        let given: [(String, String?)] = [
            ("order-service-url", orderService ?? running?.orderService),
            ("rabbitmq-url", rabbitmqURL ?? running?.rabbitmq),
            // A broker of one's own choice has a management API of its own.
            ("management-url", managementURL ?? (rabbitmqURL == nil ? running?.management : nil)),
            ("database-url", database),
            ("retry-delays", retryDelays),
            ("analytics-url", analyticsURL),
        ]
        let sources = await SettingsSources(
            program: "orderctl",
            arguments: given.compactMap { flag, value in value.map { "--\(flag)=\($0)" } },
            environment: environment
        )
        var checklist = SettingsChecklist(sources)
        var location = SystemLocation(reading: &checklist, databaseOf: service)
        try checklist.finish()
        location.isUp = running != nil
        // Several may run, and each answers for all; an address of one's own choice is the only one.
        let workers = running?.adminAddresses(of: "analytics") ?? []
        if analyticsURL == nil, !workers.isEmpty { location.analytics = workers }
        return location
    }
}

/// Where the order system's parts are.
struct SystemLocation: Sendable {
    var orderService: String
    /// The key to present there; a secret.
    var orderServiceKey: String?
    var broker: BrokerSettings
    var management: String
    /// The database that the command reads.
    var database: DatabaseLocation
    var retry: RetryPolicy
    /// Where analytics workers answer their operators; any of them will do.
    var analytics: [String]
    /// Whether an `orderctl up` runs in the directory.
    var isUp = false

    /// The inventory's database, for the commands that read it.
    var inventory: DatabaseLocation { database }

    /// Reads the settings of `orderctl`.
    init(reading checklist: inout SettingsChecklist, databaseOf service: String = "inventory") {
        let web = { (text: String) throws(BrokenRule) -> String in
            guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
                throw BrokenRule("must begin with http:// or https://")
            }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        orderService = checklist.value(
            "order.service.url",
            default: "http://127.0.0.1:8001",
            shownAs: "http://127.0.0.1:8001",
            "the order service",
            parse: web
        )
        orderServiceKey = checklist.value(
            "order.service.key",
            default: nil,
            shownAs: "none",
            secrecy: .secret,
            "the key to present there"
        ) { text throws(BrokenRule) in
            guard text.wholeMatch(of: /[!-~]{1,256}/) != nil else {
                throw BrokenRule("must be 1 to 256 visible ASCII characters")
            }
            return text
        }
        broker = BrokerSettings(reading: &checklist, connectionName: "orderctl")
        let derived = BrokerAddress.management(of: broker.endpoints[0])
        management = checklist.value(
            "management.url",
            default: derived,
            shownAs: "the broker's host, port 15672, with amqps https at 15671",
            "the broker's management API",
            parse: web
        )
        database = DatabaseLocation(reading: &checklist, service: service)
        analytics = checklist.value(
            "analytics.url",
            default: [],
            shownAs: "that of a running up",
            "the admin address of an analytics worker"
        ) { text throws(BrokenRule) in [try web(text)] }
        retry = RetryPolicy(reading: &checklist)
    }
}

/// The directory that `up` keeps its state in.
enum UpDirectory {
    /// Flag, else `UP_DIRECTORY`, else `.run`.
    static func choose(_ flag: String?, environment: [String: String]) -> FilePath {
        FilePath(flag ?? environment["UP_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 } ?? ".run")
    }

    /// The passwords of the broker that `up` starts.
    static func logins(in directory: FilePath) -> FilePath { directory.appending("logins.json") }

    /// Whether a `DATABASE_URL` names a server that all services share.
    static func isPostgres(_ url: String?) -> Bool {
        url?.hasPrefix("postgres://") == true || url?.hasPrefix("postgresql://") == true
    }
}
