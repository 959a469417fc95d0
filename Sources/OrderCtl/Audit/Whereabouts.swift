import WorkQueue

/// Says where an order is that has no effect yet: in the outbox, dead, in a retry tier, in the queue, or nowhere.
///
/// Pure. A queue is first in, first out, so that of several orders those in it are the newest.
struct Whereabouts {
    /// An order without its effect at a service.
    struct Unsettled: Equatable, Sendable {
        var order: String
        /// The event whose effect is looked for.
        var event: String
        /// Whether the event was not published yet.
        var isPending: Bool
        /// What is known of an effect begun.
        var begun: String?
        /// What the service last told of it.
        var lastWord: OrderLedger.LastWord?
    }

    let service: String
    let contents: BrokerContents

    /// Where each of them is; in the order of ids, as they come.
    func places(_ unsettled: [Unsettled]) -> [Standing] {
        var ready = contents.depth(service)
        var tiers = contents.tiers(of: service)
        var standings: [Int: Standing] = [:]
        var open: [Int] = []
        for (index, order) in unsettled.enumerated() {
            if order.isPending {
                standings[index] = .waiting("not yet published")
            } else if let reason = contents.dead[service]?[order.event] {
                standings[index] = .dead(reason)
            } else if order.lastWord?.state == "skipped" {
                standings[index] = .skipped
            } else if let tier = tier(of: order), let depth = tiers[tier], depth > 0 {
                tiers[tier] = depth - 1
                standings[index] = .waiting("still in \(tier)")
            } else {
                open.append(index)
            }
        }
        var retrying = tiers.values.reduce(0, +)
        for index in open.reversed() {
            if ready > 0 {
                ready -= 1
                standings[index] = .waiting("still in \(service)")
            } else if retrying > 0 {
                retrying -= 1
                standings[index] = .waiting("still in a retry queue of \(service)")
            } else {
                standings[index] = .missing(explanation(unsettled[index]))
            }
        }
        return unsettled.indices.map { standings[$0] ?? .missing("") }
    }

    private func tier(of order: Unsettled) -> String? {
        guard let word = order.lastWord, word.state == "retrying", let delay = word.delay else { return nil }
        return ServiceNames(service).tier(.milliseconds(delay))
    }

    private func explanation(_ order: Unsettled) -> String {
        let begun = order.begun.map { "\($0); " } ?? ""
        let known =
            contents.isKnown
            ? "published, no effect, and no message is left" : "no effect; the queues were not asked"
        let told = order.lastWord.map { word in
            "; it last told \(word.state)" + (word.detail.map { " (\($0))" } ?? "")
        }
        return begun + known + (told ?? "")
    }
}
