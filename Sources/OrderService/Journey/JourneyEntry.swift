import OrderEvents
import WorkQueue

/// One step of an order's journey: what a service made of one of its events.
struct JourneyEntry: Hashable, Sendable {
    let orderID: String
    /// Counts the entries of this order in the order in which they became known, from 1; an entry that is reported anew
    /// gets a new one.
    let number: Int64
    let service: String
    let eventID: String
    let eventType: String
    let state: Outcome.State
    /// The attempt that ended so, from 1.
    let attempt: Int
    let at: Timestamp
    /// When the next attempt is due; of `retrying` only.
    let nextAt: Timestamp?
    /// One line for people.
    let detail: String?

    /// The entry as HTTP shows it.
    var json: [UInt8] {
        var writer = JSONObjectWriter()
        writer.add("service", service)
        writer.add("state", state.rawValue)
        writer.add("attempt", number: Int64(attempt))
        writer.add("at", at.text)
        if let detail { writer.add("detail", detail) }
        writer.add("event_type", eventType)
        if let nextAt { writer.add("next_at", nextAt.text) }
        return writer.finish()
    }
}
