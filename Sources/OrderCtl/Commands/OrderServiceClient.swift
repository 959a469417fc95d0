import Curl
import FoundationEssentials

/// Talks to the order service.
struct OrderServiceClient: Sendable {
    let url: String
    private let authorization: [HTTPRequest.Header]
    let http: HTTPClient

    init(_ location: SystemLocation, connections: Int = 1) {
        url = location.orderService
        authorization = Self.authorization(location)
        http = HTTPClient(connections: connections)
    }

    /// The header that presents the key of the settings, where there is one.
    static func authorization(_ location: SystemLocation) -> [HTTPRequest.Header] {
        location.orderServiceKey.map { [("Authorization", "Bearer \($0)")] } ?? []
    }

    /// Sends one request.
    ///
    /// - Throws: ``CommandError`` when nobody answers.
    func send(
        _ method: String,
        _ path: String,
        key: String? = nil,
        body: [UInt8]? = nil
    ) async throws(CommandError)
        -> HTTPResponse
    {
        var headers: [HTTPRequest.Header] = [("Accept", "application/json")] + authorization
        if body != nil { headers.append(("Content-Type", "application/json")) }
        if let key { headers.append(("Idempotency-Key", key)) }
        let request = HTTPRequest(method, url + path, headers: headers, body: body, timeout: .seconds(15))
        do {
            return try await http.send(request)
        } catch {
            switch error.kind {
            case .unreachable, .notSentInTime:
                throw .unavailable("No order service answers at \(url); is `orderctl up` running?")
            case .outcomeUnknown:
                throw .unavailable("The order service at \(url) did not answer in time; it may have acted.")
            case .badRequest, .tooLarge:
                throw .settings("\(error)")
            }
        }
    }

    /// What an answer that is no success says to a person.
    static func explanation(of response: HTTPResponse) -> String {
        guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body)) else {
            return "the order service answered \(response.status)"
        }
        if response.status == 401 { return "the order service wants a key: set ORDER_SERVICE_KEY" }
        let fields = (problem.errors ?? []).map { "\n  \($0.field): \($0.message)" }.joined()
        return (problem.detail ?? problem.title ?? "the order service answered \(response.status)") + fields
    }

    private struct Problem: Decodable {
        struct Field: Decodable {
            var field: String
            var message: String
        }
        var title: String?
        var detail: String?
        var errors: [Field]?
    }
}
