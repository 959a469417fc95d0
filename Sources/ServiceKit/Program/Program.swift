import CoreMetrics
import FoundationEssentials
import Logging
public import ServiceLifecycle
import UnixSignals

/// The frame of a long-running program: settings, log, metrics, services, graceful shutdown, exit code.
///
/// ```swift
/// @main enum OrderServiceProgram {
///     static func main() async {
///         await Program(name: "order-service", summary: "accepts orders", settings: Settings.init(reading:)) {
///             settings, context in [ … services in the order in which they start … ]
///         }.main()
///     }
/// }
/// ```
public struct Program<Settings: Sendable>: Sendable {
    /// Turns the checklist into the program's own settings; problems are noted, not thrown.
    public typealias Reading = @Sendable (inout SettingsChecklist) -> Settings
    /// Makes the services in the order in which they start; they stop in the opposite order.
    public typealias Assembly = @Sendable (Settings, ProgramContext) async throws -> [any Service]

    private let name: String
    private let summary: String
    private let read: Reading
    private let shutdownLimit: @Sendable (Settings) -> Duration
    private let assemble: Assembly

    /// Describes a program; nothing runs yet.
    ///
    /// - Parameters:
    ///   - name: Name of the executable; names the YAML file.
    ///   - summary: What it does, for `--help`.
    ///   - settings: Reads the settings of this program; those of the log are read before.
    ///   - shutdownLimit: After SIGTERM, when services that have not ended are cancelled. Default 30 s.
    ///   - services: Opens what is needed and makes the services; may throw an ``ExplainedError``.
    public init(
        name: String,
        summary: String,
        settings: @escaping Reading,
        shutdownLimit: @escaping @Sendable (Settings) -> Duration = { _ in .seconds(30) },
        services: @escaping Assembly
    ) {
        self.name = name
        self.summary = summary
        read = settings
        self.shutdownLimit = shutdownLimit
        assemble = services
    }

    /// Runs until SIGTERM, SIGINT or a fault, then ends the process.
    ///
    /// Exit codes as ``ExitCode`` says; the reason of any but 0 is on standard error.
    public func main() async -> Never {
        SystemCalls.ignoreBrokenPipes()
        SystemCalls.keepFilesPrivate()
        SystemCalls.scheduleAsBatch()
        let code = await run(
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment
        )
        LogOutput.standardOutput.flush()
        SystemCalls.exit(code.rawValue)
    }

    /// Reads the settings as ``main()`` does, without running anything.
    ///
    /// - Parameters:
    ///   - arguments: Command line without the program's own name.
    ///   - environment: Variables of the process.
    /// - Returns: The program's settings and those of its log.
    /// - Throws: ``SettingsError`` naming every problem.
    func readSettings(
        arguments: [String],
        environment: [String: String]
    ) async throws(SettingsError) -> (Settings, LogSettings) {
        let (settings, log, _) = try await judgeSettings(arguments: arguments, environment: environment)
        return (settings, log)
    }

    /// The same, and what of them works but should be otherwise.
    private func judgeSettings(
        arguments: [String],
        environment: [String: String]
    ) async throws(SettingsError) -> (Settings, LogSettings, warnings: [String]) {
        var checklist = await SettingsChecklist(
            SettingsSources(program: name, arguments: arguments, environment: environment)
        )
        let log = LogSettings(reading: &checklist)
        let settings = read(&checklist)
        try checklist.finish()
        return (settings, log, checklist.warnings)
    }

    /// Declares every key of the program's own settings.
    func readAll(_ checklist: inout SettingsChecklist) {
        _ = read(&checklist)
    }

    private func run(arguments: [String], environment: [String: String]) async -> ExitCode {
        switch CommandLineFlags(arguments).request {
        case .help:
            await showHelp(environment: environment)
            return .ok
        case .version:
            say("\(name) \(ProgramVersion.text)\n", to: .standardOutput)
            return .ok
        case .run: break
        }
        do {
            let (settings, log, warnings) = try await judgeSettings(
                arguments: arguments,
                environment: environment
            )
            log.bootstrap(isColourAllowed: environment["NO_COLOR"] == nil)
            try await serve(settings, warnings)
            return .ok
        } catch {
            return explain(error)
        }
    }

    private func serve(_ settings: Settings, _ warnings: [String]) async throws {
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        ProcessMetrics.register(in: metrics)
        let context = ProgramContext(
            name: name,
            logger: Logger(label: name),
            health: HealthRegistry(),
            metrics: metrics
        )
        context.logger.info("Starting", metadata: ["version": "\(ProgramVersion.text)"])
        for warning in warnings {
            context.logger.warning("A setting should be changed", metadata: ["setting": "\(warning)"])
        }
        // Last to start, so first to be told to stop.
        let services =
            try await assemble(settings, context) + [TextRelease(), StopNotice(health: context.health)]
        var groupLogger = context.logger
        groupLogger.logLevel = max(context.logger.logLevel, .error)
        var configuration = ServiceGroupConfiguration(
            services: services.map { service in
                ServiceGroupConfiguration.ServiceConfiguration(service: service)
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: groupLogger
        )
        configuration.maximumGracefulShutdownDuration = shutdownLimit(settings)
        configuration.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
        context.logger.info("Stopped")
    }

    /// Help is given whatever the settings are worth.
    private func showHelp(environment: [String: String]) async {
        var checklist = await SettingsChecklist(
            SettingsSources(program: name, arguments: [], environment: environment)
        )
        _ = LogSettings(reading: &checklist)
        _ = read(&checklist)
        say(checklist.help(summary: summary), to: .standardOutput)
    }

    private func explain(_ error: any Error) -> ExitCode {
        guard let error = error as? any ExplainedError else {
            say("\(name): \(LogText.escaped(String(describing: error)))\n", to: .standardError)
            return .failure
        }
        say("\(name): \(error.explanation)\n", to: .standardError)
        return error.exitCode
    }

    private func say(_ text: String, to output: LogOutput) {
        output.write(Array(text.utf8))
    }
}

/// The version that `--version` shows.
public enum ProgramVersion {
    /// Semantic version of all programs of this package.
    public static let text = "1.0.0"
}

/// Makes readiness fail from the moment the program is told to stop.
private struct StopNotice: Service {
    let health: HealthRegistry

    func run() async throws {
        try await gracefulShutdown()
        health.beginStopping()
    }
}
