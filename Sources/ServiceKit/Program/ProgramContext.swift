public import Logging

/// What every part of a running program shares.
public struct ProgramContext: Sendable {
    /// Name of the executable, `inventory-worker`.
    public let name: String
    /// Labelled with the program's name.
    public let logger: Logger
    /// Asked by `/health/ready`.
    public let health: HealthRegistry
    /// Behind swift-metrics, and rendered by `/metrics`.
    public let metrics: PrometheusRegistry

    /// Creates a context by hand, for tests.
    ///
    /// - Parameters:
    ///   - name: Name of the executable.
    ///   - logger: Where it logs.
    ///   - health: Its checks.
    ///   - metrics: Its numbers.
    public init(name: String, logger: Logger, health: HealthRegistry, metrics: PrometheusRegistry) {
        self.name = name
        self.logger = logger
        self.health = health
        self.metrics = metrics
    }
}
