import OrderEvents
import RabbitMQ

/// Exchanges and queues of one benchmark, which nobody else uses and which are gone afterwards.
struct TemporaryObjects: Sendable {
    /// Begins the name of each of them.
    let name: String
    let topology: Topology

    /// `orderctl.bench.` and an id of its own.
    static func freshName() -> String {
        // The random part of an identifier tells runs apart that begin in the same millisecond.
        "orderctl.bench.\(UUIDv7.next().description.suffix(12))"
    }

    /// An exchange, and so many quorum queues that all get what is published there.
    static func fanout(queues count: Int) -> TemporaryObjects {
        let name = freshName()
        let queues = (0..<count).map { "\(name).\($0 + 1)" }
        return TemporaryObjects(
            name: name,
            topology: Topology(
                exchanges: [ExchangeDeclaration(name, kind: .fanout)],
                queues: queues.map { QueueDeclaration($0, arguments: ["x-queue-type": "quorum"]) },
                bindings: queues.map { Binding(exchange: name, queue: $0) }
            )
        )
    }

    /// What a person is told where a program ends before it could delete them.
    var leftovers: String {
        "Exchanges and queues whose names begin with \(name) may be left at the broker."
    }

    /// Declares them, runs the body, and deletes them, however the body ends.
    ///
    /// - Parameters:
    ///   - broker: Where.
    ///   - body: Is given the connection that declared them.
    /// - Returns: What the body returns.
    /// - Throws: ``CommandError`` where the broker does not answer or refuses, and what the body throws.
    func with<Result: Sendable>(
        at broker: BrokerSettings,
        _ body: (Operator) async throws -> Result
    ) async throws -> Result {
        try await BrokerSession.withOperator(broker) { connection in
            let outcome: Swift.Result<Result, any Error>
            do {
                try await connection.apply(topology, within: .seconds(30))
                outcome = .success(try await body(connection))
            } catch let error as RabbitMQError {
                outcome = .failure(CommandError.refused("The broker refused: \(error)."))
            } catch {
                outcome = .failure(error)
            }
            await delete(through: connection)
            return try outcome.get()
        }
    }

    private func delete(through connection: Operator) async {
        do {
            for exchange in topology.exchanges {
                try await connection.deleteExchange(exchange.name, within: .seconds(10))
            }
            for queue in topology.queues {
                try await connection.deleteQueue(queue.name, within: .seconds(20))
            }
        } catch {
            Console.error("\(leftovers) Their deletion failed: \(error).")
        }
    }
}
