import CLinux
import Confinement
import Synchronization

/// Places orders at an order service, wherever it is.
enum BenchLoad {
    /// Runs a load until its time is over or the sign is raised.
    ///
    /// - Parameters:
    ///   - plan: How.
    ///   - location: Where.
    ///   - product: What is ordered.
    ///   - stop: Ends it early.
    /// - Returns: What came of it.
    /// - Throws: ``CommandError`` where no order service answers.
    static func run(
        _ plan: LoadPlan,
        at location: SystemLocation,
        product: Int,
        until stop: StopSign
    ) async throws -> LoadRecord {
        // Says in plain words what is wrong with the address, before a load says it in figures.
        _ = try await OrderServiceClient(location).send("GET", "/health/live")
        let address = OrderRequests.Address(location.orderService)
        let requests = OrderRequests(to: address, key: location.orderServiceKey, product: product)
        guard let address else {
            // HTTPS needs a library of its own, which costs a thread for each connection.
            return await CurlLoad(
                plan: plan,
                client: OrderServiceClient(location, connections: plan.connections),
                bodies: requests.bodies
            )
            .run(until: stop)
        }
        let box = RecordBox()
        try await ConfinedThread.run(named: "bench:load") {
            // On the server's machine it would interrupt what it measures.
            clinux_batch_thread()
            let addresses = ServerAddress.resolve(address.name, port: address.port)
            guard !addresses.isEmpty else { return }
            guard var loop = LoadLoop(plan, to: addresses, requests.whole, until: stop) else { return }
            box.fill(loop.run())
        }
        guard let record = box.record else {
            throw CommandError.unavailable("No connection to \(location.orderService) can be opened.")
        }
        return record
    }

    /// What a thread leaves behind.
    private final class RecordBox: Sendable {
        private let content = Mutex<LoadRecord?>(nil)

        var record: LoadRecord? { content.withLock { $0 } }

        func fill(_ record: LoadRecord) {
            content.withLock { $0 = record }
        }
    }
}
