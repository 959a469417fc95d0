import FoundationEssentials
import Logging
import Metrics
import OrderEvents
import ServiceKit
import WorkQueue

/// Confirms an order to its customer, once.
///
/// The right to send is claimed before and the sending recorded after, both on disk. A repeat can happen in one
/// window only: the process dies, or the disk refuses, after the transport took the mail and before that was
/// recorded; or a transport takes longer than ``NotificationStore/lease``. The next attempt then sends again. With
/// the transport `file` even that leaves one mail, for the file's name comes from the event id.
struct NotificationHandler: EventHandler {
    private let store: NotificationStore
    private let template: MailTemplate
    private let transport: any MessageTransport
    private let logger: Logger
    private let sent: Counter
    private let duplicates: Counter
    private let failures: Counter
    private let now: @Sendable () -> Timestamp

    /// Attempts that look again after the ladder's own first delays, before one waits for the lease to end.
    private static let quickLooks = 2

    init(
        store: NotificationStore,
        template: MailTemplate,
        transport: any MessageTransport,
        logger: Logger,
        metrics: any MetricsFactory,
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        self.store = store
        self.template = template
        self.transport = transport
        self.logger = logger
        self.now = now
        func counter(_ outcome: String) -> Counter {
            Counter(label: "notification_mails_total", dimensions: [("outcome", outcome)], factory: metrics)
        }
        sent = counter("sent")
        duplicates = counter("duplicate")
        failures = counter("failed")
    }

    func handle(_ order: OrderCreated, in context: DeliveryContext) async -> Verdict {
        let isCurrency =
            order.currency.utf8.count == 3 && order.currency.utf8.allSatisfy { (65...90).contains($0) }
        guard isCurrency else { return .deadLetter(FailureNote("currency must be three capital letters")) }
        let claim = UUID().uuidString
        do {
            switch try await store.claim(context.eventID, as: claim, at: now()) {
            case .granted:
                return try await send(mail(order, eventID: context.eventID), order, claim: claim)
            case .sent:
                duplicates.increment()
                logger.debug("Mail was sent before", metadata: ["event_id": "\(context.eventID)"])
                return .done
            case .held(let rest):
                // Nearly always a sender that is alive and done in a moment: the same event came twice at once, as
                // after a lost connection. Only when it still holds the claim after that was it a crash.
                let note = FailureNote("another instance is sending this mail")
                return context.attempt <= Self.quickLooks ? .retry(note) : .retry(note, after: rest)
            }
        } catch {
            return .after(error)
        }
    }

    private func send(_ mail: OutgoingMail, _ order: OrderCreated, claim: String) async throws -> Verdict {
        do throws(TransportError) {
            try await transport.send(mail)
        } catch {
            failures.increment()
            // If this fails too, the lease frees the claim.
            try? await store.release(mail.eventID, claim: claim)
            switch error.advice {
            case .retryLater: return .retry(FailureNote(error.detail))
            case .giveUp: return .deadLetter(FailureNote(error.detail))
            }
        }
        sent.increment()
        logger.announce(.sent(mail, about: order))
        try await store.markSent(mail.eventID, claim: claim, at: now())
        return .done
    }

    private func mail(_ order: OrderCreated, eventID: String) -> OutgoingMail {
        let (subject, text) = template.render(order.templateValues)
        return OutgoingMail(
            eventID: eventID,
            orderID: order.id,
            userID: order.userID,
            recipient: order.email.map { .address($0) } ?? .user(order.userID),
            subject: subject,
            text: text,
            writtenAt: now()
        )
    }
}

extension Announcement {
    /// What a person sees; the address is personal and stays out.
    static func sent(_ mail: OutgoingMail, about order: OrderCreated) -> Announcement {
        let text = mail.text.split(separator: "\n", omittingEmptySubsequences: false)
        return Announcement(
            "Mail sent",
            title: "📧 NOTIFICATION: Sending email to user \(mail.userID)",
            lines: ["Subject: \(mail.subject)", "Message: \(text.first ?? "")"]
                + text.dropFirst().map(String.init),
            fields: [
                "order_id": "\(mail.orderID)", "user_id": .stringConvertible(mail.userID),
                "subject": "\(mail.subject)", "total": "\(order.total.decimalText)",
                "currency": "\(order.currency)",
            ]
        )
    }
}
