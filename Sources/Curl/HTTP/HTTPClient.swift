import Synchronization

/// Sends HTTP requests and keeps connections open between them.
///
/// Any task. Requests run on threads of the client's own, one for each connection, never on one of the concurrency
/// pool. Cancelling a task does not abandon its request: the request's own timeout bounds the wait.
public final class HTTPClient: Sendable {
    private let lanes: [Lane]
    private let load: Mutex<[Int]>

    /// Creates a client; opens nothing yet.
    ///
    /// - Parameter connections: Most requests at once, at least 1; more of them wait in line.
    public init(connections: Int = 8) {
        precondition(connections > 0, "a client needs a connection")
        lanes = (0..<connections).map { Lane(number: $0) }
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
        let chosen = load.withLock { load in
            let least = load.indices.min { load[$0] < load[$1] } ?? 0
            load[least] += 1
            return least
        }
        defer { load.withLock { $0[chosen] -= 1 } }
        return try await lanes[chosen].send(request, by: deadline)
    }
}
