import CrashPoints
import Hummingbird
import Metrics
import OrderEvents
import ServiceKit
import WorkQueue

/// The calls that customers make: placing orders and looking at them.
struct OrderRoutes: Sendable {
    /// Largest body of a request, 64 KiB.
    static let bodyLimit = 65_536
    static let pageLimit = 500
    static let usualPage = 50

    let store: OrderStore
    let journeys: JourneyStore
    let hub: JourneyHub
    let gate: AdmissionGate
    let metrics: OrderMetrics
    /// What `/openapi.yaml` answers.
    let openAPI: String
    /// What `/asyncapi.yaml` answers.
    let asyncAPI: String
    /// Longest time that a body may take to arrive, so that no client keeps its place at the gate for ever.
    let bodyPatience: Duration
    let access: AccessMiddleware

    init(
        store: OrderStore,
        journeys: JourneyStore,
        hub: JourneyHub,
        gate: AdmissionGate = AdmissionGate(),
        metrics: OrderMetrics = OrderMetrics(),
        retry: RetryPolicy = .standard,
        access: AccessMiddleware = AccessMiddleware(access: .open, rate: nil),
        bodyPatience: Duration = .seconds(30)
    ) {
        self.store = store
        self.journeys = journeys
        self.hub = hub
        self.gate = gate
        self.metrics = metrics
        openAPI = OpenAPI.document(for: access.access)
        asyncAPI = AsyncAPI(retry: retry).document
        self.access = access
        self.bodyPatience = bodyPatience
    }

    /// Adds the calls, and everything that turns errors into problems, to a router that has no route yet.
    func add(to router: Router<OrderRequestContext>) {
        router.add(middleware: RequestMetricsMiddleware(metrics: metrics))
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: access)
        router.post("/orders") { request, _ in try await place(request) }
        router.get("/orders") { request, _ in try await list(request) }
        router.get("/orders/{id}") { _, context in try await show(context.parameters.get("id")) }
        router.get("/orders/{id}/events") { request, context in try await follow(request, context) }
        router.get("/openapi.yaml") { _, _ in Self.yaml(openAPI) }
        router.get("/asyncapi.yaml") { _, _ in Self.yaml(asyncAPI) }
    }

    private static func yaml(_ document: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/yaml"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: document))
        )
    }

    private func place(_ request: Request) async throws -> Response {
        try await gate.admit {
            let bytes = try await body(of: request)
            var problems: [FieldProblem] = []
            let key = idempotencyKey(of: request, problems: &problems)
            let draft: OrderDraft?
            do throws(JSONMembers.Failure) {
                draft = OrderDraft.read(try JSONMembers(bytes), problems: &problems)
            } catch {
                throw Problem.malformed(error.reason)
            }
            guard let draft, problems.isEmpty else { throw Problem.invalid(problems) }
            CrashPoint.reached(.requestRead)
            let traceParent = request.headers[.traceParent].flatMap { TraceParent($0) }
            switch try await store.place(draft, key: key, traceParent: traceParent) {
            case .accepted(let order):
                CrashPoint.reached(.orderCommitted)
                metrics.accepted.increment()
                return created(order)
            case .replayed(let order):
                metrics.replayed.increment()
                return created(order, isReplay: true)
            case .keyTaken: throw Problem.keyTaken
            case .outboxFull: throw Problem.outboxFull
            }
        }
    }

    private func created(_ order: Order, isReplay: Bool = false) -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .location: "/orders/\(order.id)"]
        if isReplay { headers[.idempotentReplay] = "true" }
        let document = ByteBuffer(bytes: OrderDocument.success(order))
        let body = ResponseBody(contentLength: document.readableBytes) { writer in
            try await writer.write(document)
            try await writer.finish(nil)
            CrashPoint.reached(.answerWritten)
        }
        return Response(status: .created, headers: headers, body: body)
    }

    private func idempotencyKey(of request: Request, problems: inout [FieldProblem]) -> IdempotencyKey? {
        guard let text = request.headers[.idempotencyKey] else { return nil }
        guard let key = IdempotencyKey(text) else {
            problems.append(
                FieldProblem(field: "Idempotency-Key", message: "must be 1 to 255 visible ASCII characters")
            )
            return nil
        }
        return key
    }

    /// Reads the whole body, as long as it is JSON by its header and within bounds.
    private func body(of request: Request) async throws -> [UInt8] {
        guard request.headers[.contentType].map(MediaType.isJSON) ?? false,
            request.headers[.contentEncoding].map({ $0.lowercased() == "identity" }) ?? true
        else {
            throw Problem.notJSON
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.bodyLimit {
            throw Problem.tooLarge
        }
        var bytes: [UInt8] = []
        // A client that sends nothing at all is the listener's affair: it closes the connection.
        let limit = ContinuousClock.now.advanced(by: bodyPatience)
        for try await chunk in request.body {
            guard ContinuousClock.now < limit else { throw Problem.tooSlow }
            guard bytes.count + chunk.readableBytes <= Self.bodyLimit else { throw Problem.tooLarge }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    private func show(_ id: String?) async throws -> Response {
        let listed = try await order(id)
        let journey = try await journeys.entries(of: listed.order.id)
        return json(OrderDocument.shown(listed, journey: journey))
    }

    private func order(_ id: String?) async throws -> OrderStore.Listed {
        guard let id = id.flatMap({ UUIDv7($0) }), let listed = try await store.order(id) else {
            throw Problem.noSuchOrder
        }
        return listed
    }

    private func follow(_ request: Request, _ context: OrderRequestContext) async throws -> Response {
        let id = try await order(context.parameters.get("id")).order.id
        let connection = context.connection
        guard let subscription = hub.follow(id, disconnect: { connection?.cut() }) else {
            throw Problem.tooManyStreams
        }
        let last = request.headers[.lastEventID].flatMap { Int64($0) } ?? 0
        return JourneyStream(order: id, subscription: subscription, store: journeys, lastNumber: last)
            .response(to: request)
    }

    private func list(_ request: Request) async throws -> Response {
        let parameters = request.uri.queryParameters
        var problems: [FieldProblem] = []
        var limit = Self.usualPage
        if let text = parameters["limit"] {
            // Digits only: `Int` would take a plus sign too, which a URL reads as a blank.
            if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
                (1...Self.pageLimit).contains(number)
            {
                limit = number
            } else {
                problems.append(
                    FieldProblem(field: "limit", message: "must be an integer from 1 to \(Self.pageLimit)")
                )
            }
        }
        let after = parameters["after"].map { UUIDv7(String($0)) }
        if case .some(.none) = after {
            problems.append(FieldProblem(field: "after", message: "must be the id of an order"))
        }
        guard problems.isEmpty else { throw Problem.invalid(problems) }
        return json(OrderDocument.page(try await store.page(limit: limit, after: after ?? nil)))
    }

    private func json(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
