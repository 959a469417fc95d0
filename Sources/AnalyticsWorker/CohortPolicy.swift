/// Decides what one more order changes in the figures.
///
/// Pure. Whatever the order in which the orders of a user arrive, the earliest one ends in ``Cohort/first`` and all
/// others in ``Cohort/repeat``.
struct CohortPolicy: Hashable {
    /// An order that is added to its cell, or taken out again.
    struct Change: Hashable {
        var order: CountedOrder
        var cohort: Cohort
        /// 1 adds, -1 takes out.
        var sign: Int64
    }

    /// The cohort of the order that arrived, for now.
    let cohort: Cohort
    /// What to do to the figures, in this order.
    let changes: [Change]

    /// Decides.
    ///
    /// - Parameters:
    ///   - order: An order that was not counted before.
    ///   - first: The earliest order of its user among those counted before.
    init(counting order: CountedOrder, after first: CountedOrder?) {
        guard let first else {
            cohort = .first
            changes = [Change(order: order, cohort: .first, sign: 1)]
            return
        }
        guard order.precedes(first) else {
            cohort = .repeat
            changes = [Change(order: order, cohort: .repeat, sign: 1)]
            return
        }
        cohort = .first
        changes = [
            Change(order: first, cohort: .first, sign: -1),
            Change(order: first, cohort: .repeat, sign: 1),
            Change(order: order, cohort: .first, sign: 1),
        ]
    }
}
