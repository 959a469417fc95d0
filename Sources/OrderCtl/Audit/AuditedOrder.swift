/// One accepted order, as its store has it.
struct AuditedOrder: Equatable, Sendable {
    var id: String
    /// The id of the event `order.created` that tells of it.
    var eventID: String
    var product: Int64
    var quantity: Int64
    /// The whole price, in the currency's smallest unit.
    var revenue: Int64
    var currency: String
    /// In milliseconds since 1970.
    var acceptedAt: Int64
    /// Whether its event waits in the outbox still.
    var isPending: Bool
    /// Whether the event log has its event, or may have pruned it by now.
    var isLogged: Bool

    /// The minute that analytics counts it in, since 1970.
    var minute: Int64 { acceptedAt / 60_000 }
}

/// What a service's own store says about one event.
enum Effect: Equatable, Sendable {
    /// Nothing.
    case none
    /// Somebody began, and has not finished or does not know.
    case claimed(String)
    /// The effect is there.
    case done
    /// The service said no, which is its effect.
    case refused
    /// There is an effect, of something else than what was ordered.
    case differs(String)
}

/// Where an order stands at one service.
///
/// Waiting and dead letters are told apart and are no losses: something of the order is left to go on with.
enum Standing: Equatable, Sendable {
    case done
    case refused
    /// The service's filter did not want it.
    case skipped
    /// A message or an outbox entry is left; says where.
    case waiting(String)
    /// It is a dead letter; says why.
    case dead(String)
    /// Neither an effect nor anything that could bring it about; says what is known.
    case missing(String)
}
