import Metrics
import ServiceKit

extension OrderMetrics {
    /// Explains every metric of the order service, and has the backlog read before each rendering.
    static func describe(in registry: PrometheusRegistry, backlog: OutboxBacklog) {
        let texts = [
            "orders_accepted_total": "Orders accepted.",
            "orders_replayed_total":
                "Requests answered with the order that their Idempotency-Key made before.",
            "http_responses_total": "Answers by class of status.",
            "http_request_seconds": "Time from a request's head to its answer.",
            "outbox_pending": "Events that the broker has not confirmed yet.",
            "outbox_leading": "1 where this process publishes the events of all on its database, else 0.",
            "outbox_limit": "Events that may wait before orders are refused.",
            "outbox_published_total": "Events confirmed by the broker.",
            "outbox_unroutable_total": "Publishes that came back because no queue is bound.",
            "outbox_refused_total": "Publishes that the broker refused.",
            "outbox_unknown_total": "Publishes whose outcome is unknown; they were repeated.",
            "journey_outcomes_total": "Outcomes that services reported, by what became of them.",
            "journey_streams": "Orders being followed over HTTP.",
            "journey_streams_cut_total": "Followers cut off because they did not read.",
            "events_pruned_total": "Events removed from the log because of their age.",
            "journey_entries_pruned_total": "Entries removed from journeys because of their order's age.",
            "outbox_not_sent_total": "Publishes that found no connection.",
        ]
        for (name, text) in texts { registry.describe(name, as: text) }
        let pending = Meter(label: "outbox_pending", factory: registry)
        Meter(label: "outbox_limit", factory: registry).set(backlog.limit)
        registry.addCollector { pending.set(backlog.count) }
    }
}
