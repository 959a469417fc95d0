import OrderEvents

/// One message to one customer, complete.
struct OutgoingMail: Equatable, Sendable {
    /// Where it goes.
    enum Recipient: Equatable, Sendable {
        /// An address the customer gave; personal, so never logged.
        case address(String)
        /// No address is known: the customer's number stands for it.
        case user(Int64)
    }

    /// The event that caused it; at most one mail for each is sent.
    var eventID: String
    /// The order it is about.
    var orderID: String
    /// The customer it is for.
    var userID: Int64
    /// Where it goes.
    var recipient: Recipient
    /// One line.
    var subject: String
    /// Plain text; may have several lines.
    var text: String
    /// When it was written, once for all attempts of one delivery.
    var writtenAt: Timestamp
}
