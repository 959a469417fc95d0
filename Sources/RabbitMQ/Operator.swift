internal import Confinement
public import Logging
public import ServiceLifecycle

/// Asks a broker one thing after the other: declare, inspect, take single messages, delete.
///
/// For commands and tests, not for the flow of events. Useless until ``run()`` runs. Requests wait for the connection up
/// to their own deadline. A refused request closes AMQP's channel, so unsettled deliveries of ``get(from:within:)`` go
/// back to their queue then.
public final class Operator: Service {
    /// What a passive declaration tells of a queue.
    public struct QueueStatus: Hashable, Sendable {
        /// Messages ready for delivery.
        public let messages: Int
        /// Consumers of the queue.
        public let consumers: Int
    }

    private let mailbox = Mailbox<LoopCommand<OperatingRole.Command>>(capacity: 1 << 16)
    private let box = StatusBox()
    private let runGuard = RunGuard()
    private let epoch = EpochBox()
    private let surroundings: ConnectionLoop<OperatingRole>.Surroundings

    /// Prepares an operator; nothing is opened yet.
    public init(settings: BrokerSettings, logger: Logger) {
        surroundings = .init(
            settings: settings.named("operate"),
            topology: Topology(),
            mailbox: mailbox,
            status: box,
            logger: logger,
            stopPatience: .seconds(5),
            // A refusal closes the channel, and a person waits for the next request.
            backoff: BackoffPolicy(base: .milliseconds(50), limit: .seconds(1))
        )
    }

    /// How the connection stands.
    ///
    /// Any task; reads memory only.
    public var status: ConnectionStatus { box.current }

    /// Connects, and again whenever the connection is lost, until it is stopped, shut down or cancelled.
    /// - Throws: ``RabbitMQError`` `shutDown` when it ran before; `ConfinedThread.Unavailable`.
    public func run() async throws {
        try runGuard.begin()
        let role = OperatingRole(epoch: epoch)
        try await withGracefulShutdownHandler {
            try await ConnectionLoop.runOnThread(named: "amqp:operate", role, surroundings)
        } onGracefulShutdown: {
            self.stop()
        }
    }

    /// Begins to stop; ``run()`` returns when it is done.
    public func stop() {
        _ = mailbox.offer(.stop, isUrgent: true)
    }

    /// Declares everything, in order; what exists with the same arguments stays as it is.
    /// - Throws: ``RabbitMQError`` `refused` (406: exists with other arguments; the detail says which), and the others
    ///   of any request. What was declared before the failure stays.
    public func apply(_ topology: Topology, within patience: Duration) async throws(RabbitMQError) {
        let deadline = Deadline.after(patience)
        var steps = SetupMachine(topology: topology, duty: .declare, opening: [])
        while let method = steps.current {
            guard case .method(let answer) = try await request(method, .declare, by: deadline),
                steps.received(answer)
            else { throw RabbitMQError(.malformed, during: .declare, "an answer to something else") }
        }
    }

    /// Looks at a queue without changing it.
    /// - Returns: `nil` if there is no such queue.
    public func queue(_ name: String, within patience: Duration) async throws(RabbitMQError) -> QueueStatus? {
        do throws(RabbitMQError) {
            let answer = try await request(.queueDeclarePassive(name), .inspect, by: .after(patience))
            guard case .method(.queueDeclareOk(_, let messages, let consumers)) = answer else { return nil }
            return QueueStatus(messages: Int(messages), consumers: Int(consumers))
        } catch {
            if error.kind == .refused(.notFound) { return nil }
            throw error
        }
    }

    /// Whether an exchange is there.
    public func hasExchange(_ name: String, within patience: Duration) async throws(RabbitMQError) -> Bool {
        do throws(RabbitMQError) {
            _ = try await request(.exchangeDeclarePassive(name), .inspect, by: .after(patience))
            return true
        } catch {
            if error.kind == .refused(.notFound) { return false }
            throw error
        }
    }

    /// Takes one message; settle it, or it goes back when this connection ends.
    /// - Returns: `nil` if the queue is empty.
    public func get(from queue: String, within patience: Duration) async throws(RabbitMQError) -> Delivery? {
        guard
            case .delivery(let delivery) = try await request(
                .basicGet(queue: queue),
                .get,
                by: .after(patience)
            )
        else {
            return nil
        }
        return delivery
    }

    /// Tells the broker what became of a delivery of this connection.
    ///
    /// Any task; never blocks.
    public func settle(_ tag: DeliveryTag, _ settlement: Settlement) {
        // As many as were taken may be settled, so this bounds itself.
        _ = mailbox.offer(.role(.settle(tag, settlement)), isUrgent: true)
    }

    /// Whether the connection that brought this delivery is gone, so that it is back in its queue.
    ///
    /// Any task; reads memory only. Once true it stays true.
    public func isStale(_ tag: DeliveryTag) -> Bool {
        epoch.current != tag.epoch
    }

    /// Deletes a queue with everything in it; one that is not there is deleted already.
    public func deleteQueue(_ name: String, within patience: Duration) async throws(RabbitMQError) {
        _ = try await request(.queueDelete(name), .delete, by: .after(patience))
    }

    /// Deletes an exchange; one that is not there is deleted already.
    public func deleteExchange(_ name: String, within patience: Duration) async throws(RabbitMQError) {
        _ = try await request(.exchangeDelete(name), .delete, by: .after(patience))
    }

    private func request(
        _ method: OutboundMethod,
        _ operation: RabbitMQError.Operation,
        by deadline: Deadline
    ) async throws(RabbitMQError) -> OperatingRole.Answer {
        guard await runGuard.waitUntilBegun(by: deadline) else {
            throw RabbitMQError(.shutDown, during: operation, "run() was not called by the deadline")
        }
        let reply = OnceReply<Result<OperatingRole.Answer, RabbitMQError>>(to: "a request to the broker")
        let request = OperatingRole.Request(
            method: method,
            operation: operation,
            deadline: deadline,
            reply: reply
        )
        switch mailbox.offer(.role(.request(request))) {
        case .accepted: break
        case .full: reply.answer(.failure(RabbitMQError(.busy, during: operation, "too many requests wait")))
        case .closed: reply.answer(.failure(RabbitMQError(.shutDown, during: operation, "stopped")))
        }
        guard let result = await reply.value() else {
            throw RabbitMQError(.outcomeUnknown, during: operation, "the caller was cancelled")
        }
        return try result.get()
    }
}
