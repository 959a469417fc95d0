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
        let text = message.text.split(separator: "\n", omittingEmptySubsequences: false)
        let (title, subject) =
            switch message.channel {
            case .email:
                ("📧 NOTIFICATION: Sending email to user \(message.userID)", ["Subject: \(message.subject)"])
            case .sms: ("📱 NOTIFICATION: Sending SMS to user \(message.userID)", [])
            }
        var announcement = Announcement(
            message.channel == .email ? "Mail sent" : "Short text sent",
            title: title,
            lines: subject + ["Message: \(text.first ?? "")"] + text.dropFirst().map(String.init),
            fields: ["order_id": "\(message.orderID)", "user_id": .stringConvertible(message.userID)]
        )
        announcement = announcement.adding(more)
        return message.subject.isEmpty ? announcement : announcement.adding(["subject": message.subject])
    }

    private func adding(_ more: [String: String]) -> Announcement {
        Announcement(
            message,
            title: title,
            lines: lines,
            fields: fields.merging(more.mapValues { "\($0)" }) { $1 }
        )
    }
}
