import OrderEvents

/// One message to one customer, complete.
struct CustomerMessage: Equatable, Sendable {
    /// Ways of reaching a person.
    enum Channel: String, CaseIterable, Sendable {
        /// A mail, with subject, text and HTML.
        case email
        /// A short text to a telephone.
        case sms
    }

    /// Where it goes.
    enum Recipient: Equatable, Sendable {
        /// A mail address or a telephone number, by the channel; personal, so never logged.
        case address(String)
        /// No address is known: the customer's number stands for it.
        case user(Int64)
    }

    /// The event that caused it; at most one message for each is sent.
    var eventID: String
    /// The order it is about.
    var orderID: String
    /// The customer it is for.
    var userID: Int64
    /// How it goes.
    var channel = Channel.email
    /// Where it goes.
    var recipient: Recipient
    /// The customer's name where it is known; personal, so never logged.
    var name: String?
    /// Of the templates it was written with, such as `en`.
    var language = "en"
    /// One line; empty for a short text.
    var subject: String
    /// Plain text; may have several lines.
    var text: String
    /// The same as a page; nil for a short text, and for a mail whose transport shows none.
    var html: String?
    /// When it was written, once for all attempts of one delivery.
    var writtenAt: Timestamp
}
