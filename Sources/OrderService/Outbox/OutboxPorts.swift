import RabbitMQ

/// What the relay needs of a broker.
protocol EventPublishing: Sendable {
    /// Publishes messages in the order given and waits until the fate of each is known.
    ///
    /// Calls that begin one after another are sent in that order: an implementation takes the messages in before it
    /// suspends for the first time.
    ///
    /// - Parameters:
    ///   - messages: All of them are sent, whatever becomes of the earlier ones.
    ///   - patience: The longest wait; what is not answered by then is `unknown` or `notSent`.
    /// - Returns: One outcome for each message.
    func publish(
        contentsOf messages: [OutgoingMessage],
        within patience: Duration
    ) async -> [PublishOutcome]
}

/// What the relay needs of durable storage.
protocol OutboxStore: Sendable {
    /// The oldest orders whose event is unpublished, in order of arrival: a snapshot of the last commit.
    ///
    /// - Parameters:
    ///   - id: Only orders that came after this one.
    ///   - limit: Most orders returned.
    /// - Returns: Fewer than the limit only at the table's end.
    /// - Throws: When the table cannot be read.
    func unpublished(after id: String?, limit: Int) async throws -> [Order]

    /// Notes that the broker has these orders' events, in one transaction; noting it twice does no harm.
    func markPublished(_ ids: [String]) async throws
}

extension Publisher: EventPublishing {}
