import OrderEvents
import WorkQueue

/// Tells a customer of one type of event, once.
///
/// One more type is one more conformance to ``CustomerEvent`` and its templates.
struct NotificationHandler<Event: CustomerEvent>: EventHandler {
    let writer: MessageWriter
    let notifier: Notifier

    func handle(_ event: Event, in context: DeliveryContext) async -> Verdict {
        let isCurrency =
            event.currency.utf8.count == 3 && event.currency.utf8.allSatisfy { (65...90).contains($0) }
        guard isCurrency else { return .deadLetter(FailureNote("currency must be three capital letters")) }
        let message = writer.write(event, eventID: context.eventID, at: notifier.now())
        let fields = ["total": event.total.decimalText, "currency": event.currency]
        return await notifier.deliver(message, announcing: fields, in: context)
    }
}
