import Synchronization

/// Sends HTTP requests and keeps connections open between them.
///
/// Any task. Requests run on threads of the client's own, one for each connection, never on one of the concurrency
/// pool. Cancelling a task does not abandon its request: the request's own timeout bounds the wait.
public final class HTTPClient: Sendable {
    private let lanes: [Lane]
    private let load: Mutex<[Int]>
    private let authorities: String?

    /// Creates a client; opens nothing yet.
    ///
    /// - Parameters:
    ///   - connections: Most requests at once, at least 1; more of them wait in line.
    ///   - authorities: PEM file of the authorities trusted at `https`; `nil` trusts those of the system.
    public init(connections: Int = 8, authorities: String? = nil) {
        precondition(connections > 0, "a client needs a connection")
        lanes = (0..<connections).map { Lane(number: $0) }
        self.authorities = authorities
        load = Mutex(Array(repeating: 0, count: connections))
    }

    /// Sends a request and reads the whole answer.
    ///
    /// A `POST` or `PATCH` is sent once at most: where a connection kept open breaks before the answer begins, that is
    /// the error `outcomeUnknown`. Other methods are then sent once more, over a new connection.
    ///
    /// - Throws: ``HTTPClientError``, whose `advice` tells whether the server may have acted on the request.
    public func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let deadline = ContinuousClock.now.advanced(by: request.timeout)
        var request = request
        request.authorities = authorities
        let chosen = load.withLock { load in
            let least = load.indices.min { load[$0] < load[$1] } ?? 0
            load[least] += 1
            return least
        }
        defer { load.withLock { $0[chosen] -= 1 } }
        return try await lanes[chosen].send(request, by: deadline)
    }
}
