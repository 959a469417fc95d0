import Testing

@testable import OrderService

@Suite("The metrics of requests")
struct RequestMetricsTests {
    @Test("count customers' calls, not an operator's probes and scrapes")
    func counts() {
        for path in ["/orders", "/orders/1", "/openapi.yaml", "/", "/healthy"] {
            #expect(RequestMetricsMiddleware.counts(path), "\(path)")
        }
        for path in ["/health/live", "/health/ready", "/metrics"] {
            #expect(!RequestMetricsMiddleware.counts(path), "\(path)")
        }
    }
}
