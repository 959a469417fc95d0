/// Why a topology cannot work, found before a broker is asked.
public struct TopologyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line a problem; never empty.
    public let problems: [String]

    /// All problems, safe to show.
    public var description: String { problems.joined(separator: "; ") }
}

extension Topology {
    /// Checks what a broker would refuse or, worse, accept and get wrong.
    ///
    /// Pure. Checked: names (not empty, at most 255 bytes, not `amq.…`), one declaration a name, bindings and
    /// dead-letter exchanges that exist here, routing keys that lead on from a dead-letter exchange, and
    /// at-least-once dead lettering with everything that it needs.
    /// - Throws: ``TopologyError`` with every problem.
    /// - SeeAlso: RabbitMQ guide *Quorum Queues*, section *Activating at-least-once dead-lettering*.
    public func validate() throws(TopologyError) {
        let problems =
            Self.nameProblems(of: "exchange", exchanges.map(\.name))
            + Self.nameProblems(of: "queue", queues.map(\.name))
            + bindingProblems + queues.flatMap(deadLetterProblems)
        guard problems.isEmpty else { throw TopologyError(problems: problems) }
    }

    private static func nameProblems(of kind: String, _ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.compactMap { name in
            if name.isEmpty { return "a name of an \(kind) is empty" }
            if name.utf8.count > 255 { return "\(kind) \(name.prefix(40))… is longer than 255 bytes" }
            if name.hasPrefix("amq.") {
                return "\(kind) \(name): names that start with amq. are the broker's"
            }
            return seen.insert(name).inserted ? nil : "\(kind) \(name) is declared twice, differently"
        }
    }

    private var bindingProblems: [String] {
        let exchangeNames = Set(exchanges.map(\.name))
        let queueNames = Set(queues.map(\.name))
        let ends = exchangeBindings.flatMap { [$0.source, $0.destination] }
        let unknownEnds = ends.filter { !exchangeNames.contains($0) }
        return unknownEnds.map { "a binding names exchange \($0), which is not declared" }
            + bindings.flatMap { binding in
                var problems: [String] = []
                if !exchangeNames.contains(binding.exchange) {
                    problems.append("a binding names exchange \(binding.exchange), which is not declared")
                }
                if !queueNames.contains(binding.queue) {
                    problems.append("a binding names queue \(binding.queue), which is not declared")
                }
                return problems
            }
    }

    private func deadLetterProblems(of queue: QueueDeclaration) -> [String] {
        var problems: [String] = []
        let arguments = queue.arguments
        if let target = arguments["x-dead-letter-exchange"]?.text {
            let key = arguments["x-dead-letter-routing-key"]?.text
            if target.isEmpty {
                if !queues.contains(where: { $0.name == key }) {
                    problems.append(
                        "queue \(queue.name) dead-letters to queue \(key ?? "?"), which is not declared"
                    )
                }
            } else if !exchanges.contains(where: { $0.name == target }) {
                problems.append(
                    "queue \(queue.name) dead-letters to exchange \(target), which is not declared"
                )
            } else if let key, !bindings.contains(where: { $0.exchange == target && $0.routingKey == key }) {
                problems.append(
                    "queue \(queue.name) dead-letters to \(target) with key \(key), which leads nowhere"
                )
            }
        }
        if arguments["x-dead-letter-strategy"]?.text == "at-least-once" {
            if arguments["x-queue-type"]?.text != "quorum"
                || arguments["x-overflow"]?.text != "reject-publish"
                || arguments["x-dead-letter-exchange"] == nil
            {
                problems.append(
                    "queue \(queue.name): at-least-once dead lettering needs a quorum queue,"
                        + " a dead-letter exchange and x-overflow=reject-publish"
                )
            }
        }
        return problems
    }
}
