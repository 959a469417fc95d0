/// What has no effect yet: looked for until it is found, or known to be nowhere.
extension Audit {
    /// How often orders under way are looked for again, a second apart: longer than the broker's statistics are old.
    private static let looks = 7

    mutating func settle() async throws {
        for service in AuditStores.services {
            var open = unsettled[service] ?? []
            for turn in 0...Self.looks where !open.isEmpty {
                if turn > 0 {
                    try await Task.sleep(for: .seconds(1))
                    contents = try await look()
                }
                let isLast = turn == Self.looks || !contents.isKnown
                var next: [Unsettled] = []
                for (event, standing) in try await places(of: open, at: service) {
                    if !isLast, standing.mayChange {
                        next.append(event)
                    } else {
                        report.note(standing, of: event.order.id, at: event.row(at: service))
                    }
                }
                open = next
            }
        }
    }

    /// Looks at everything about some orders once more, and notes what has its effect by now.
    ///
    /// - Returns: The others, with where they are.
    private mutating func places(
        of events: [Unsettled],
        at service: String
    ) async throws -> [(Unsettled, Standing)] {
        guard let table = stores.receipts.first(where: { $0.service == service }) else { return [] }
        let due = try await stores.stock.dueRefusals()
        var open: [Unsettled] = []
        var described: [Whereabouts.Unsettled] = []
        for start in stride(from: 0, to: events.count, by: Self.pageSize) {
            let chunk = Array(events[start..<min(start + Self.pageSize, events.count)])
            let ids = chunk.map(\.order.id)
            let pending = Set(try await stores.orders.named(ids).filter(\.isPending).map(\.id))
            let words = try await stores.orders.lastWords(of: service, about: ids)
            let effects = try await table.effects(chunk.map { ($0.event, $0.order) })
            for event in chunk {
                let effect = effects[event.event] ?? .none
                var begun: String?
                switch effect {
                case .none: break
                case .claimed(let what): begun = what
                case .done, .refused, .differs:
                    note(effect, event, at: service)
                    continue
                }
                open.append(event)
                described.append(
                    Whereabouts.Unsettled(
                        order: event.order.id,
                        event: event.event,
                        isPending: event.isRefusal
                            ? due.contains(event.order.eventID) : pending.contains(event.order.id),
                        begun: begun,
                        lastWord: words[event.event]
                    )
                )
            }
        }
        return Array(zip(open, Whereabouts(service: service, contents: contents).places(described)))
    }
}

extension Standing {
    /// Whether a second look may show something else: a message in a worker's hand is done a moment later.
    fileprivate var mayChange: Bool {
        switch self {
        case .missing, .waiting: true
        case .done, .refused, .skipped, .dead: false
        }
    }
}
