internal import Confinement

/// Asks the broker one thing at a time and gives each answer back.
struct OperatingRole: ChannelRole {
    /// What a request was answered with.
    enum Answer: Sendable {
        case method(InboundMethod)
        case delivery(Delivery)
    }

    struct Request: Sendable {
        let method: OutboundMethod
        let operation: RabbitMQError.Operation
        let deadline: Deadline
        let reply: OnceReply<Result<Answer, RabbitMQError>>
    }

    enum Command: Sendable {
        case request(Request)
        case settle(DeliveryTag, Settlement)
    }

    static let restsWhileBlocked = false
    let opening: [OutboundMethod] = []

    private let epoch: EpochBox
    private var ledger = SettlementLedger()
    private var waiting: [Request] = []
    /// Written, not answered.
    private var outstanding: Request?
    /// Written, answered by its deadline, and still to come from the broker; nothing else is asked before it came.
    private var isOwed = false

    init(epoch: EpochBox) {
        self.epoch = epoch
    }

    var isIdle: Bool { outstanding == nil && waiting.isEmpty }

    var nextDeadline: Deadline? {
        (waiting.map(\.deadline) + [outstanding?.deadline].compactMap(\.self)).min()
    }

    mutating func channelOpened() {}

    mutating func channelLost(_ error: RabbitMQError) {
        ledger.channelClosed()
        epoch.current = ledger.epoch
        isOwed = false
        guard let request = outstanding else { return }
        outstanding = nil
        // A channel's error right after a request is its answer; any other loss leaves open what happened.
        if case .refused(let code) = error.kind, code.isOfChannel {
            request.reply.answer(
                .failure(RabbitMQError(.refused(code), during: request.operation, error.detail))
            )
        } else {
            request.reply.answer(
                .failure(RabbitMQError(.outcomeUnknown, during: request.operation, "\(error)"))
            )
        }
    }

    mutating func received(_ method: InboundMethod) throws(RabbitMQError) {
        answer(.method(method))
    }

    mutating func received(_ content: consuming ContentAssembly.Content) throws(RabbitMQError) {
        guard let number = content.deliveryNumber else { return }
        guard let tag = ledger.delivered(number), let delivery = content.delivery(tag) else {
            throw RabbitMQError(.malformed, during: .get, "delivery tag \(number) out of order")
        }
        guard outstanding != nil else {
            // It comes after its deadline: nobody will settle it, so it goes back at once.
            isOwed = false
            _ = ledger.settle(tag, as: .requeue)
            return
        }
        answer(.delivery(delivery))
    }

    mutating func perform(_ command: Command, at now: Deadline) {
        switch command {
        case .request(let request): waiting.append(request)
        case .settle(let tag, let settlement): _ = ledger.settle(tag, as: settlement)
        }
    }

    func refuse(_ command: Command) {
        guard case .request(let request) = command else { return }
        request.reply.answer(.failure(RabbitMQError(.shutDown, during: request.operation, "stopped")))
    }

    mutating func write(to sink: inout some FrameSink & ~Copyable) throws(RabbitMQError) {
        for frame in ledger.flush() { try sink.method(frame, on: 1) }
        guard outstanding == nil, !isOwed, !waiting.isEmpty else { return }
        let request = waiting.removeFirst()
        do throws(RabbitMQError) {
            try sink.method(request.method, on: 1)
            outstanding = request
        } catch {
            request.reply.answer(.failure(error))
        }
    }

    mutating func sent() {}

    mutating func turnEnded() {}

    mutating func expire(at now: Deadline) {
        if let request = outstanding, request.deadline.isPast(at: now) {
            outstanding = nil
            isOwed = true
            Self.answerLate(request, "it was sent")
        }
        for request in waiting where request.deadline.isPast(at: now) {
            Self.answerLate(request, "it was not sent: no connection, or an earlier request is not answered")
        }
        waiting.removeAll { $0.deadline.isPast(at: now) }
    }

    mutating func shutDown() {
        if let request = outstanding {
            let error = RabbitMQError(.outcomeUnknown, during: request.operation, "stopped before the answer")
            request.reply.answer(.failure(error))
        }
        for request in waiting { refuse(.request(request)) }
        waiting = []
        outstanding = nil
    }

    private mutating func answer(_ answer: Answer) {
        guard let request = outstanding else {
            isOwed = false
            return
        }
        outstanding = nil
        request.reply.answer(.success(answer))
    }

    private static func answerLate(_ request: Request, _ detail: String) {
        request.reply.answer(.failure(RabbitMQError(.deadlineExceeded, during: request.operation, detail)))
    }
}
