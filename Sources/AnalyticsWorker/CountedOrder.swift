import OrderEvents

/// Whether an order is its user's first.
enum Cohort: String, CaseIterable, Sendable {
    /// The earliest order of its user that is known.
    case first
    /// Any later one.
    case `repeat`
}

/// What is counted of one order.
struct CountedOrder: Hashable, Sendable {
    let id: String
    let userID: Int64
    let productID: Int64
    /// ISO 4217.
    let currency: String
    let units: Int64
    /// Its price, in the currency's smallest unit.
    let revenue: Int64
    /// When it was accepted, whenever its event arrives.
    let createdAt: Timestamp

    /// The minute that it counts in, since 1970.
    var minute: Int64 { createdAt.milliseconds / 60_000 }

    /// Whether it is the earlier of two orders of one user; the id decides within a millisecond.
    func precedes(_ other: CountedOrder) -> Bool {
        (createdAt, id) < (other.createdAt, other.id)
    }
}

/// An order that cannot be true, and would spoil every figure that it became a part of.
struct ImplausibleOrder: Error, Equatable, CustomStringConvertible {
    let description: String
}

extension CountedOrder {
    /// The order service's own largest price, 10 000 pieces of 10^8, and more pieces than it accepts: millions of them
    /// fit into 64 bits.
    private static let largest: (units: Int64, revenue: Int64) = (1_000_000, 1_000_000_000_000)
    /// 2000-01-01: an order before it has no clock.
    private static let earliest = Timestamp(milliseconds: 946_684_800_000)
    /// How far a publisher's clock may be ahead.
    private static let tolerance: Int64 = 86_400_000

    /// Takes from an order what is counted.
    ///
    /// - Parameters:
    ///   - order: Whatever came.
    ///   - now: The present moment.
    /// - Throws: ``ImplausibleOrder``, naming the field and never its value.
    init(_ order: OrderCreated, now: Timestamp = .now) throws(ImplausibleOrder) {
        guard let createdAt = MomentText.parse(order.createdAt) else {
            throw ImplausibleOrder(description: "created_at is no RFC 3339 time")
        }
        guard createdAt >= Self.earliest, createdAt.milliseconds <= now.milliseconds + Self.tolerance else {
            throw ImplausibleOrder(description: "created_at lies before 2000 or more than a day ahead")
        }
        guard order.currency.wholeMatch(of: /[A-Z]{3}/) != nil else {
            throw ImplausibleOrder(description: "currency is no ISO 4217 code")
        }
        guard (0...Self.largest.units).contains(Int64(order.quantity)) else {
            throw ImplausibleOrder(description: "quantity is negative or beyond all measure")
        }
        guard (0...Self.largest.revenue).contains(order.total.minorUnits) else {
            throw ImplausibleOrder(description: "total is negative or beyond all measure")
        }
        self.init(
            id: order.id,
            userID: order.userID,
            productID: order.productID,
            currency: order.currency,
            units: Int64(order.quantity),
            revenue: order.total.minorUnits,
            createdAt: createdAt
        )
    }
}
