import Hummingbird
import Metrics
import ServiceKit
import Synchronization

/// Asks who calls, and how often, before anything of the request's body is read.
///
/// Behind ``ProblemMiddleware``, which turns what it throws into answers. Where keys are set, each is a client of its own;
/// who presents none, or a wrong one, is known by the address, so that guessing is limited too.
struct AccessMiddleware: RouterMiddleware {
    typealias Context = OrderRequestContext

    let access: APIAccess
    private let rate: RateGate?
    private let refused = Counter(label: "http_refused_total", dimensions: [("reason", "access")])
    private let limited = Counter(label: "http_refused_total", dimensions: [("reason", "rate")])

    /// Lets in whom `access` names, and each of them `rate` times a second; nil limits nothing.
    init(access: APIAccess, rate: Double?) {
        self.access = access
        self.rate = rate.map { RateGate(perSecond: $0) }
    }

    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let isWriting = request.method != .get && request.method != .head
        guard let scope = APIScope.needed(for: request.uri.path, isWriting: isWriting) else {
            return try await next(request, context)
        }
        let key: APIKey?
        switch access {
        case .open: key = nil
        case .keys(let ring): key = Self.presented(by: request).flatMap { ring.key(presentedAs: $0) }
        }
        // The two kinds of names cannot meet: an address has no blank.
        let client = key.map { "key \($0.name)" } ?? context.connection?.address ?? "unknown"
        if let wait = rate?.wait(for: client) {
            limited.increment()
            throw Problem.tooOften(after: wait)
        }
        if case .keys = access {
            guard let key else {
                refused.increment()
                throw Problem.unauthorized
            }
            guard key.allows(scope) else {
                refused.increment()
                throw Problem.forbidden(scope)
            }
        }
        return try await next(request, context)
    }

    /// The key of `Authorization: Bearer <key>`; the scheme's case does not matter (RFC 9110 section 11.1).
    private static func presented(by request: Request) -> Substring? {
        let fields = request.headers[values: .authorization]
        guard fields.count == 1, let field = fields.first,
            let blank = field.firstIndex(of: " "), field[..<blank].lowercased() == "bearer"
        else { return nil }
        let key = field[blank...].drop { $0 == " " }
        return (1...256).contains(key.utf8.count) ? key : nil
    }
}

/// A ``RateLedger`` for many connections at once.
private final class RateGate: Sendable {
    private let ledger: Mutex<RateLedger<ContinuousClock.Instant>>

    init(perSecond: Double) {
        ledger = Mutex(RateLedger(perSecond: perSecond))
    }

    func wait(for client: String) -> Duration? {
        ledger.withLock { $0.asked(client, at: .now) }
    }
}
