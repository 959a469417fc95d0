extension Topology {
    /// What an idle consumer asks of the broker, so that what an operator deleted is noticed and mended.
    ///
    /// Exchanges are only asked for: one that is missing closes the channel, and the connection that follows declares
    /// all of the topology and says so. Nobody can ask for a binding, so bindings are declared again, which does nothing
    /// where they are; they vanish silently with an exchange that somebody else declares again first.
    var upkeep: [OutboundMethod] {
        exchanges.map { .exchangeDeclarePassive($0.name) }
            + exchangeBindings.map(OutboundMethod.exchangeBind)
            + bindings.map(OutboundMethod.queueBind)
    }
}
