import FoundationEssentials
import ServiceKit

/// What became of an order's events at each service, as HTTP tells it.
struct PrintedJourney {
    /// One step.
    struct Entry: Decodable, Equatable, Sendable {
        var service: String
        var state: String
        var attempt: Int
        var at: String
        var detail: String?
        var eventType: String?
        var nextAt: String?

        private enum CodingKeys: String, CodingKey {
            case service, state, attempt, at, detail
            case eventType = "event_type"
            case nextAt = "next_at"
        }

        /// The step on a line of its own.
        var line: String {
            let next = nextAt.map { ", next attempt at \($0)" } ?? ""
            let detail = detail.map { ": \($0)" } ?? ""
            let text = "\(at)  \(service)  \(state)  \(eventType ?? "-")  attempt \(attempt)\(next)\(detail)"
            return LogText.escaped(text)
        }

        /// Whether the other is the same step, told later.
        func isSameStep(as other: Entry) -> Bool {
            service == other.service && state == other.state && attempt == other.attempt
                && eventType == other.eventType
        }
    }

    private(set) var entries: [Entry]

    init(_ entries: [Entry] = []) {
        self.entries = entries
        sort()
    }

    /// Takes a step in.
    mutating func add(_ entry: Entry) {
        entries.removeAll { $0.isSameStep(as: entry) }
        entries.append(entry)
        sort()
    }

    /// By time, which RFC 3339 in UTC with one precision sorts by.
    private mutating func sort() {
        entries.sort { $0.at < $1.at }
    }

    /// A table for people.
    var text: String {
        guard !entries.isEmpty else { return "No service has reported yet." }
        var table = Table("TIME", "SERVICE", "STATE", "ATTEMPT", "EVENT", "NEXT ATTEMPT", "DETAIL")
        for entry in entries {
            table.add(
                entry.at,
                entry.service,
                entry.state,
                "\(entry.attempt)",
                entry.eventType ?? "-",
                entry.nextAt ?? "-",
                String((entry.detail ?? "-").prefix(80))
            )
        }
        return table.text
    }

    /// The journey of an order, and everything else about it.
    static func read(_ body: [UInt8]) throws -> PrintedJourney {
        struct Order: Decodable { var journey: [Entry]? }
        return PrintedJourney(try JSONDecoder().decode(Order.self, from: Data(body)).journey ?? [])
    }
}
