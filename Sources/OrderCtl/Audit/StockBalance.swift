/// Whether what left the stock of a product is what its receipts say was sold.
///
/// Pure. A receipt says that an event was applied, and would hide a second effect; the stock itself cannot: all that ever
/// came in, less what is there, went out.
struct StockBalance: Equatable, Sendable {
    var product: Int64
    /// Its first stock and every delivery.
    var delivered: Int64
    var stock: Int64
    /// The sum of all receipts of sales.
    var sold: Int64

    /// Pieces that left without a receipt; negative where receipts took nothing.
    var excess: Int64 { delivered - stock - sold }

    /// What is wrong with it, and where in the sequence of receipts; nil where nothing is.
    func finding(_ hint: StockJump?) -> AuditFinding? {
        guard excess != 0 else { return nil }
        let pieces = excess.magnitude == 1 ? "1 piece" : "\(excess.magnitude) pieces"
        let sums = "\(delivered) came in, \(stock) are there, \(sold) were sold"
        let place = hint.map { ", \($0.place)" } ?? ""
        return excess > 0
            ? AuditFinding(
                kind: .double,
                service: "inventory",
                order: hint?.order,
                detail: "\(pieces) of product \(product) left without a receipt\(place): \(sums)"
            )
            : AuditFinding(
                kind: .missing,
                service: "inventory",
                order: hint?.order,
                detail: "\(pieces) of product \(product) have a receipt and never left\(place): \(sums)"
            )
    }
}

/// The place in a product's receipts, in the order of their commits, where the stock changed by what no receipt says.
struct StockJump: Equatable, Sendable {
    /// The order whose receipt is the first after the change, or the last before it.
    var order: String
    /// For people: `before it was sold`.
    var place: String
}

/// Follows one product's receipts, each of which says how much was left after it.
///
/// Pure.
struct StockTrail {
    private var remaining: Int64?
    private var last: String?
    private(set) var jump: StockJump?

    /// Takes the next receipt; `taken` is 0 for a refusal.
    ///
    /// A delivery makes the stock rise between two receipts, so only a fall is a jump.
    mutating func take(order: String, taken: Int64, remaining now: Int64) {
        if let remaining, jump == nil, now < remaining - taken {
            jump = StockJump(order: order, place: "just before this order was handled or with it")
        }
        remaining = now
        last = order
    }

    /// Takes the stock as it is now.
    mutating func finish(stock: Int64) {
        guard let remaining, let last, jump == nil, stock < remaining else { return }
        jump = StockJump(order: last, place: "after this order, the last one that was handled")
    }
}
