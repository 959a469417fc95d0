import OrderEvents

/// Decides who gets an event's message, how, and in which language, and writes it.
///
/// Pure. The order's own address goes before the directory's. A customer whom the directory does not know gets a mail
/// in ``language``; where short texts really leave and the order gives a telephone only, a short text.
struct MessageWriter: Sendable {
    /// What to do for customers that the directory does not know.
    enum Strangers: Equatable, Sendable {
        /// A mail, whatever the order gives.
        case mail
        /// A mail, or a short text where a telephone is all there is.
        case mailOrShortText
    }

    let directory: CustomerDirectory
    let templates: MessageTemplates
    /// Of customers that the directory does not know.
    let language: String
    /// Goes before every customer's own choice, where it is set.
    let onlyChannel: CustomerMessage.Channel?
    let strangers: Strangers
    /// Whether mails get an HTML part: not where nobody would see it.
    var writesHTML = true

    /// Writes the message.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - eventID: Its id.
    ///   - now: The present.
    /// - Returns: The message; its recipient is `.user` where no address is known for its channel.
    func write<Event: CustomerEvent>(_ event: Event, eventID: String, at now: Timestamp) -> CustomerMessage {
        let customer = directory.customer(event.userID)
        let channel = onlyChannel ?? customer?.channel ?? strangerChannel(event)
        let address =
            switch channel {
            case .email: event.email ?? customer?.email
            case .sms: event.phone ?? customer?.phone
            }
        let language = customer?.language ?? self.language
        var values = event.templateValues
        values["language"] = language
        // Left out where there is none, so that a template can ask.
        values["name"] = customer?.name
        let words = templates.words(
            Event.kind,
            language: language,
            channel: channel,
            html: writesHTML,
            values
        )
        return CustomerMessage(
            eventID: eventID,
            orderID: event.orderID,
            userID: event.userID,
            channel: channel,
            recipient: address.map { .address($0) } ?? .user(event.userID),
            name: customer?.name,
            language: language,
            subject: words.subject,
            text: words.text,
            html: words.html,
            writtenAt: now
        )
    }

    private func strangerChannel(_ event: some CustomerEvent) -> CustomerMessage.Channel {
        strangers == .mailOrShortText && event.email == nil && event.phone != nil ? .sms : .email
    }
}
