extension Topology {
    /// What an idle consumer asks of the broker, so that what an operator deleted is noticed and mended.
    ///
    /// Exchanges are only asked for, and whoever asks needs no permission: one that is missing closes the channel, and
    /// the connection that follows does its duty and says so. Nobody can ask for a binding, so whoever declares declares
    /// bindings again, which does nothing where they are; they vanish silently with an exchange that somebody else
    /// declares again first. Whoever only verifies is refused that (403), and leaves bindings to the operator.
    /// - Parameter duty: What the connection does about the topology.
    /// - Returns: What to send, in this order.
    func upkeep(as duty: TopologyDuty) -> [OutboundMethod] {
        let questions = exchanges.map { OutboundMethod.exchangeDeclarePassive($0.name) }
        switch duty {
        case .declare:
            return questions + exchangeBindings.map(OutboundMethod.exchangeBind)
                + bindings.map(OutboundMethod.queueBind)
        case .verify:
            return questions
        }
    }
}
