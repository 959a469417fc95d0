import Hummingbird
import Synchronization

/// What a service shows its operators beside `/health/*` and `/metrics`.
public final class AdminPages: Sendable {
    /// A request as a page sees it.
    public struct Query: Sendable {
        let values: [String: String]

        /// The first value of a query parameter, decoded.
        public subscript(_ name: String) -> String? { values[name] }
    }

    /// What a page answers.
    public enum Answer: Sendable {
        /// JSON, complete.
        case json([UInt8])
        /// A parameter that cannot be used, in one line; status 400.
        case invalid(String)
    }

    /// Makes an answer; what it throws becomes a 503.
    public typealias Page = @Sendable (Query) async throws -> Answer

    private let pages = Mutex<[(path: String, page: Page)]>([])

    /// Creates an empty set.
    public init() {}

    /// Adds the page served for `GET path`.
    ///
    /// - Parameters:
    ///   - path: Such as `/stats.json`.
    ///   - page: Called for each request, by many at once.
    public func add(_ path: String, page: @escaping Page) {
        pages.withLock { $0.append((path, page)) }
    }

    func add(to router: some RouterMethods<some RequestContext>) {
        for (path, page) in pages.withLock({ $0 }) {
            router.get(RouterPath(path)) { request, _ in
                let values = request.uri.queryParameters.reduce(into: [String: String]()) {
                    values,
                    parameter in
                    values[String(parameter.key)] = values[String(parameter.key)] ?? String(parameter.value)
                }
                return await Self.response(to: Query(values: values), of: page)
            }
        }
    }

    private static func response(to query: Query, of page: Page) async -> Response {
        let (status, type, bytes): (HTTPResponse.Status, String, [UInt8])
        do {
            switch try await page(query) {
            case .json(let body): (status, type, bytes) = (.ok, "application/json", body)
            case .invalid(let reason):
                (status, type, bytes) = (.badRequest, "text/plain", Array("\(reason)\n".utf8))
            }
        } catch {
            (status, type, bytes) = (.serviceUnavailable, "text/plain", Array("\(error)\n".utf8))
        }
        return Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
