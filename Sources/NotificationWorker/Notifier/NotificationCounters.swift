import Logging
import Metrics
import ServiceKit

/// What a notifier counts: `notification_mails_total` by outcome.
struct NotificationCounters: Sendable {
    /// Handed over.
    let sent: Counter
    /// Of these, messages that may have gone out before.
    let repeated: Counter
    /// Events that came again and were told of already.
    let duplicates: Counter
    /// Attempts that failed.
    let failed: Counter

    init(_ metrics: any MetricsFactory) {
        func counter(_ outcome: String) -> Counter {
            Counter(label: "notification_mails_total", dimensions: [("outcome", outcome)], factory: metrics)
        }
        sent = counter("sent")
        repeated = counter("repeated")
        duplicates = counter("duplicate")
        failed = counter("failed")
    }
}

extension Announcement {
    /// What a person sees; address and name are personal and stay out.
    static func sent(_ message: CustomerMessage, _ more: [String: String]) -> Announcement {
        var fields: Logger.Metadata = [
            "order_id": .string(message.orderID), "user_id": .stringConvertible(message.userID),
        ]
        for (name, value) in more { fields[name] = .string(value) }
        if !message.subject.isEmpty { fields["subject"] = .string(message.subject) }
        return switch message.channel {
        case .email:
            Announcement(
                "Mail sent",
                title: "📧 NOTIFICATION: Sending email to user \(message.userID)",
                lines: ["Subject: \(message.subject)"] + message.announcedText,
                fields: fields
            )
        case .sms:
            Announcement(
                "Short text sent",
                title: "📱 NOTIFICATION: Sending SMS to user \(message.userID)",
                lines: message.announcedText,
                fields: fields
            )
        }
    }
}

extension CustomerMessage {
    fileprivate var announcedText: [String] {
        "Message: \(text)".split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
