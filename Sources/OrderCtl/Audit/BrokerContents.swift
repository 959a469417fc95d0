import Curl
import FoundationEssentials
import RabbitMQ
import WorkQueue

/// What waits at the broker, and which events are dead letters.
struct BrokerContents: Equatable, Sendable {
    /// Messages by queue, those in hand of a worker included.
    var depths: [String: Int] = [:]
    /// By service: the id of each dead event, and why it is dead.
    var dead: [String: [String: String]] = [:]
    /// False where the broker was not asked.
    var isKnown = true

    /// How many messages a queue has.
    func depth(_ queue: String) -> Int { depths[queue] ?? 0 }

    /// The retry queues of a service that hold anything.
    func tiers(of service: String) -> [String: Int] {
        depths.filter { $0.key.hasPrefix("\(service).retry.") && $0.value > 0 }
    }

    /// Whether nothing waits anywhere; dead letters do not count.
    var isAtRest: Bool { depths.allSatisfy { $0.key.hasSuffix(".dead") || $0.value == 0 } }
}

extension BrokerContents {
    /// Asks the management API for depths, and reads the dead letters, which stay where they are.
    ///
    /// The API's figures are up to 5 s old (its statistics interval), so the number of messages ready is asked from the
    /// queue itself, and the larger of both is taken.
    ///
    /// - Throws: ``CommandError`` where the broker does not answer.
    static func read(_ location: SystemLocation, services: [String]) async throws -> BrokerContents {
        var contents = BrokerContents()
        contents.depths = try await ManagementAPI(location).depths()
        let names = contents.depths.keys.sorted()
        do {
            let answers = try await BrokerSession.withOperator(location.broker) { broker in
                var ready: [String: Int] = [:]
                for name in names {
                    ready[name] = try await broker.queue(name, within: .seconds(10))?.messages ?? 0
                }
                var dead: [String: [String: String]] = [:]
                for service in services where ready["\(service).dead", default: 0] > 0 {
                    let queue = DeadLetterQueue(service: service, broker: broker)
                    let letters = try await queue.collect(DeadLetterFilter())
                    queue.release(letters)
                    dead[service] = reasons(letters)
                }
                return (ready, dead)
            }
            contents.depths.merge(answers.0) { max($0, $1) }
            contents.dead = answers.1
        } catch let error as RabbitMQError {
            throw CommandError.unavailable("\(error)")
        }
        return contents
    }

    private static func reasons(_ letters: [DeadLetter]) -> [String: String] {
        letters.reduce(into: [:]) { reasons, letter in
            guard let id = letter.id else { return }
            reasons[id] = letter.reason + (letter.error.map { ": \($0.prefix(200))" } ?? "")
        }
    }
}
