import Database
import Hummingbird
import Logging
import OrderEvents
import Synchronization
import TestSupport

@testable import OrderService

/// The order service without a socket and without a broker: the router's responder over a database of its own.
struct OrderRig {
    let directory: TemporaryDirectory
    let database: Database
    let feed: OutboxFeed
    let store: OrderStore
    let hub: JourneyHub
    let journeys: JourneyStore
    let routes: OrderRoutes
    let responder: RouterResponder<OrderRequestContext>

    init(
        outboxLimit: Int = 100_000,
        gate: AdmissionGate = AdmissionGate(),
        bodyPatience: Duration = .seconds(30),
        hub: JourneyHub = JourneyHub(),
        access: AccessMiddleware = AccessMiddleware(access: .open, rate: nil),
        patience: Duration = OrderStore.patience,
        in directory: TemporaryDirectory? = nil
    ) async throws {
        let directory = try directory ?? TemporaryDirectory("orders")
        self.directory = directory
        database = try await OrderServiceStorage.open(
            .sqlite(path: "\(directory.path)/orders.db"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        feed = OutboxFeed()
        store = try await OrderStore(
            database,
            outboxLimit: outboxLimit,
            patience: patience,
            accepted: feed.committed
        )
        self.hub = hub
        journeys = JourneyStore(database, announce: hub.announce)
        routes = OrderRoutes(
            store: store,
            journeys: journeys,
            hub: hub,
            gate: gate,
            access: access,
            bodyPatience: bodyPatience
        )
        responder = Self.router(routes).buildResponder()
    }

    /// A router with the customers' calls, for a listener.
    func router() -> Router<OrderRequestContext> { Self.router(routes) }

    private static func router(_ routes: OrderRoutes) -> Router<OrderRequestContext> {
        let router = Router(context: OrderRequestContext.self)
        routes.add(to: router)
        return router
    }

    static let json: HTTPFields = [.contentType: "application/json"]
    static let good = #"{"user_id":123,"product_id":1,"quantity":2,"price":999.99}"#

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: HTTPFields = [:],
        body: [UInt8] = [],
        chunks: Int = 1
    ) async throws -> Answer {
        let size = max(1, (body.count + chunks - 1) / chunks)
        let pieces = stride(from: 0, to: body.count, by: size)
            .map { start in
                ByteBuffer(bytes: body[start..<min(start + size, body.count)])
            }
        let request = Request(
            head: HTTPRequest(
                method: method,
                scheme: "http",
                authority: "test",
                path: path,
                headerFields: headers
            ),
            body: RequestBody(
                asyncSequence: AsyncStream { continuation in
                    for piece in pieces { continuation.yield(piece) }
                    continuation.finish()
                }
            )
        )
        let context = OrderRequestContext(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let response = try await responder.respond(to: request, context: context)
        let collected = CollectedBody()
        try await response.body.write(BodyCollector(collected: collected))
        return Answer(status: response.status.code, headers: response.headers, body: collected.text)
    }

    func post(
        _ body: String,
        headers: HTTPFields = [:],
        path: String = "/orders"
    ) async throws -> Answer {
        var all = Self.json
        for field in headers { all.append(field) }
        return try await send(.post, path, headers: all, body: Array(body.utf8))
    }

    func draft(_ quantity: Int = 1) -> OrderDraft {
        OrderDraft(
            userID: 1,
            productID: 1,
            quantity: quantity,
            price: .init(minorUnits: 100),
            email: nil,
            phone: nil
        )
    }

    /// Places orders straight into the store, one after the other.
    func place(_ count: Int) async throws -> [Order] {
        var orders: [Order] = []
        for index in 0..<count {
            if case .accepted(let order) = try await store.place(draft(index + 1), key: nil, traceParent: nil)
            {
                orders.append(order)
            }
        }
        return orders
    }
}

/// An answer as a client sees it.
struct Answer {
    let status: Int
    let headers: HTTPFields
    let body: String

    /// The `id` of the order in an answer to `POST /orders`.
    var orderID: String {
        body.firstMatch(of: /"order":\{"id":"([^"]+)"/).map { String($0.1) } ?? ""
    }

    /// Status, content type and body, with identifiers and times blanked: what a golden transcript compares.
    var transcript: String {
        let text =
            body
            .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/, with: "<id>")
            .replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "<time>")
        return "\(status) \(headers[.contentType] ?? "-") \(text)"
    }
}

private final class CollectedBody: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    func append(_ buffer: ByteBuffer) { bytes.withLock { $0.append(contentsOf: buffer.readableBytesView) } }
    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}

private struct BodyCollector: ResponseBodyWriter {
    let collected: CollectedBody
    mutating func write(_ buffer: ByteBuffer) async throws { collected.append(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
