import Confinement
import RabbitMQ

@testable import WorkQueue

/// A queue with the broker's counting, and workers that die: by a poison, or of anything else.
///
/// No process, no clock: what happens next is a roll of the dice.
struct CrashSimulation {
    struct Message: Equatable {
        let id: String
        let isPoison: Bool
        var returns = 0
        var attempts = 0
        var crashes = 0
    }

    /// One process, from its start to its end.
    struct Process {
        var machine = SolitudeMachine()
        var intake = Intake.single
        var lastTag: UInt64 = 0
        /// Unacknowledged.
        var inHand: [UInt64: Message] = [:]
        var buffer: [Delivery] = []
        var running: [Delivery] = []
        var alone: (delivery: Delivery, isWritten: Bool)?
        var pause: DeliveryTag?
    }

    let prefetch: Int
    let policy: SuspectPolicy
    var dice: SplitMix
    var queue: [Message]
    var workers: [Process]
    var journal: [String: Int] = [:]
    var done: Set<String> = []
    var convicted: Set<String> = []
    /// Dead-lettered by the broker.
    var overLimit: Set<String> = []
    var ends = 0

    static let deliveryLimit = 20

    init(_ messages: [Message], workers: Int, prefetch: Int, delays: [Duration], seed: UInt64) throws {
        queue = messages
        self.prefetch = prefetch
        policy = SuspectPolicy(retry: try RetryPolicy(delays: delays))
        self.workers = Array(repeating: Process(), count: workers)
        dice = SplitMix(state: seed)
    }

    var isOver: Bool { queue.isEmpty && workers.allSatisfy(\.inHand.isEmpty) }

    /// Lets something happen to one of the workers.
    mutating func step() {
        let index = Int.random(in: workers.indices, using: &dice)
        switch Int.random(in: 0..<6, using: &dice) {
        case 0, 1: deliver(to: index)
        case 2: take(index)
        case 3: finish(index)
        case 4: finishAlone(index)
        default: answerPause(index)
        }
    }

    /// The process ends: everything it had in hand goes back to the queue's head, and is counted.
    mutating func end(_ index: Int) {
        ends += 1
        for (_, message) in workers[index].inHand.sorted(by: { $0.key > $1.key }) {
            var message = message
            message.returns += 1
            if message.returns > Self.deliveryLimit {
                overLimit.insert(message.id)
            } else {
                queue.insert(message, at: 0)
            }
        }
        workers[index] = Process()
    }

    private mutating func deliver(to index: Int) {
        let limit = [Intake.paused: 0, .single: 1, .full: prefetch][workers[index].intake] ?? 0
        guard !queue.isEmpty, workers[index].inHand.count < limit else { return }
        let message = queue.removeFirst()
        workers[index].lastTag += 1
        let number = workers[index].lastTag
        workers[index].inHand[number] = message
        workers[index].buffer
            .append(
                Delivery(
                    tag: DeliveryTag(epoch: 1, number: number),
                    wasRedelivered: message.returns > 0,
                    exchange: "",
                    routingKey: "",
                    properties: MessageProperties(
                        headers: [
                            "x-delivery-count": .int64(Int64(message.returns)),
                            FailureHeaders.crashes: .int64(Int64(message.crashes)),
                        ],
                        messageID: message.id
                    ),
                    body: []
                )
            )
    }

    private mutating func take(_ index: Int) {
        guard !workers[index].buffer.isEmpty else { return }
        let delivery = workers[index].buffer.removeFirst()
        let isSuspect = SuspectPolicy.suspects(delivery.properties.headers)
        // As the intake asks.
        if !isSuspect, workers[index].machine.admit(delivery.tag) { return obey([.handle(delivery)], index) }
        obey(workers[index].machine.arrived(delivery, isSuspect: isSuspect, at: .now), index)
    }

    private mutating func finish(_ index: Int) {
        guard let place = workers[index].running.indices.randomElement(using: &dice) else { return }
        let delivery = workers[index].running.remove(at: place)
        guard let message = workers[index].inHand[delivery.tag.number] else { return }
        guard !message.isPoison else { return end(index) }
        settle(delivery, index)
        done.insert(message.id)
        obey(workers[index].machine.finished(), index)
    }

    private mutating func finishAlone(_ index: Int) {
        guard let (delivery, isWritten) = workers[index].alone,
            let message = workers[index].inHand[delivery.tag.number]
        else { return }
        guard !message.isPoison else { return end(index) }
        if isWritten { journal[message.id] = nil }
        done.insert(message.id)
        leaveAlone(delivery, index)
    }

    private mutating func answerPause(_ index: Int) {
        guard let tag = workers[index].pause else { return }
        workers[index].pause = nil
        workers[index].intake = .paused
        obey(workers[index].machine.paused(workers[index].lastTag, after: tag, at: .now), index)
    }

    private mutating func obey(_ actions: [SolitudeMachine.Action], _ index: Int) {
        for action in actions {
            switch action {
            case .handle(let delivery): workers[index].running.append(delivery)
            case .handleAlone(let delivery, let isCertain): beginAlone(delivery, isCertain, index)
            case .pause(let tag): workers[index].pause = tag
            case .take(let intake, _): workers[index].intake = intake
            case .sayAlone, .sayTogether: break
            }
        }
    }

    private mutating func beginAlone(_ delivery: Delivery, _ isCertain: Bool, _ index: Int) {
        guard var message = workers[index].inHand[delivery.tag.number] else { return }
        let begun = journal[message.id] ?? 0
        let record = SuspectPolicy.Record(
            returns: message.returns,
            attempts: message.attempts,
            crashes: message.crashes,
            begun: begun
        )
        switch policy.step(for: record) {
        case .handle:
            if isCertain { journal[message.id] = begun + 1 }
            workers[index].alone = (delivery, isCertain)
            return
        case .rest:
            message.attempts += 1
            message.crashes = begun
            message.returns = 0
            queue.append(message)
        case .refresh:
            message.returns = 0
            queue.append(message)
        case .convict:
            convicted.insert(message.id)
            journal[message.id] = nil
        }
        leaveAlone(delivery, index)
    }

    private mutating func leaveAlone(_ delivery: Delivery, _ index: Int) {
        workers[index].alone = nil
        settle(delivery, index)
        obey(workers[index].machine.finishedAlone(delivery.tag), index)
    }

    private mutating func settle(_ delivery: Delivery, _ index: Int) {
        workers[index].inHand[delivery.tag.number] = nil
    }
}

/// The same numbers for the same seed, everywhere.
///
/// Source: Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
