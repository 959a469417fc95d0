/// A way for a message to reach a customer.
///
/// One type for each way; the notifier takes care of duplicates, retries and what a person sees.
protocol MessageTransport: Sendable {
    /// What became of a message that was handed over, for people; no personal data.
    var doneNote: String { get }
    /// What a recipient must be known by; nil where the customer's number will do.
    var addressNeeded: String? { get }

    /// Hands one message over.
    ///
    /// When it returns, the message is out of our hands and durable there; when it throws, the error tells.
    /// The same event may come twice after a crash; where the way allows it, the second replaces the first.
    ///
    /// - Throws: ``TransportError`` saying whether another attempt makes sense.
    func send(_ message: CustomerMessage) async throws(TransportError)
}

/// A message that was not handed over.
struct TransportError: Error, Equatable {
    /// What a caller may sensibly do.
    enum Advice: Equatable {
        /// It did not go out; the same message may go through later.
        case retryLater
        /// It may have gone out; sent again, it is recognisable by its id.
        case sendAgain
        /// It did not go out, and can never go through.
        case giveUp
    }

    /// Whose fault it is.
    enum Blame: Equatable {
        /// This message's alone; it says nothing about the transport.
        case message
        /// This message's alone: the transport works, and said no to it.
        case answered
        /// The transport's: other messages would meet it too.
        case transport
    }

    var advice: Advice
    var blame = Blame.message
    /// How long the other side asked to be left alone.
    var wish: Duration?
    /// One line without personal data.
    var detail: String
}

/// Sends nothing anywhere: the announcement in the log, made for every message, is all there is.
struct LogTransport: MessageTransport {
    var doneNote: String { "Announced in the log" }
    var addressNeeded: String? { nil }

    func send(_ message: CustomerMessage) async throws(TransportError) {}
}
