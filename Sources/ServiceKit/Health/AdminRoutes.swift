public import Hummingbird

/// The calls for operators: `/health/live`, `/health/ready` and `/metrics`.
///
/// Mounted by ``AdminServer`` for workers; a program with an HTTP server of its own mounts them there.
public struct AdminRoutes: Sendable {
    private let health: HealthRegistry
    private let metrics: PrometheusRegistry

    /// Creates the routes.
    ///
    /// - Parameters:
    ///   - health: Answers for readiness.
    ///   - metrics: Rendered for `/metrics`.
    public init(health: HealthRegistry, metrics: PrometheusRegistry) {
        self.health = health
        self.metrics = metrics
    }

    /// Adds the three routes.
    ///
    /// - Parameter router: Any router; nothing of the request is read.
    public func add(to router: some RouterMethods<some RequestContext>) {
        let (health, metrics) = (health, metrics)
        router.get("/health/live") { _, _ in Self.response(health.liveness) }
        router.get("/health/ready") { _, _ in Self.response(await health.readiness()) }
        router.get("/metrics") { _, _ in
            Self.response(.ok, PrometheusRegistry.contentType, await metrics.collectedText())
        }
    }

    private static func response(_ report: HealthReport) -> Response {
        response(report.isHealthy ? .ok : .serviceUnavailable, "application/json", report.json)
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(contentLength: text.utf8.count) { writer in
                try await writer.write(ByteBuffer(string: text))
                try await writer.finish(nil)
            }
        )
    }
}
