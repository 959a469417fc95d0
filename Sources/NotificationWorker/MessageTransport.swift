/// A way for a message to reach a customer.
///
/// One type for each way; the handler takes care of duplicates, retries and what a person sees.
protocol MessageTransport: Sendable {
    /// Hands one mail over.
    ///
    /// When it returns, the mail is out of our hands and durable there; when it throws, it may or may not be.
    /// The same event may come twice after a crash; where the way allows it, the second replaces the first.
    ///
    /// - Throws: ``TransportError`` saying whether another attempt makes sense.
    func send(_ mail: OutgoingMail) async throws(TransportError)
}

/// A mail that was not handed over.
struct TransportError: Error, Equatable {
    /// What a caller may sensibly do.
    enum Advice: Equatable {
        /// The same mail may go through later.
        case retryLater
        /// This mail can never go through.
        case giveUp
    }

    var advice: Advice
    /// One line without personal data.
    var detail: String
}

/// Sends nothing anywhere: the announcement in the log, made for every mail, is all there is.
struct LogTransport: MessageTransport {
    func send(_ mail: OutgoingMail) async throws(TransportError) {}
}
