import Hummingbird
import Metrics

/// What dashboards learn of the customers' calls.
struct OrderMetrics: Sendable {
    let accepted = Counter(label: "orders_accepted_total")
    let replayed = Counter(label: "orders_replayed_total")
    let duration = Timer(label: "http_request_seconds")
    private let answers = (1...5)
        .map { Counter(label: "http_responses_total", dimensions: [("class", "\($0)xx")]) }

    /// Counts an answer by the first digit of its status.
    func note(_ status: HTTPResponse.Status) {
        let index = status.code / 100 - 1
        if answers.indices.contains(index) { answers[index].increment() }
    }
}

/// Counts and times every request of a customer.
///
/// Probes and scrapes are left out: a not-ready answer to a probe is no failed request, and no alarm should take it for
/// one.
struct RequestMetricsMiddleware: RouterMiddleware {
    typealias Context = OrderRequestContext

    let metrics: OrderMetrics

    static func counts(_ path: String) -> Bool {
        !path.hasPrefix("/health/") && path != "/metrics"
    }

    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard Self.counts(request.uri.path) else { return try await next(request, context) }
        let start = ContinuousClock.now
        let response = try await next(request, context)
        metrics.note(response.status)
        let spent = (ContinuousClock.now - start).components
        metrics.duration.recordNanoseconds(spent.seconds * 1_000_000_000 + spent.attoseconds / 1_000_000_000)
        return response
    }
}
