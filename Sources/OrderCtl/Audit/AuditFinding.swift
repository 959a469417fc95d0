/// One order, or one sum, that is not as it should be.
struct AuditFinding: Equatable, Sendable, Encodable {
    /// What is wrong.
    enum Kind: String, Sendable, Encodable {
        /// An effect, an event or an order that should be there and is not.
        case missing
        /// An effect that came about more than once, or that nobody ordered.
        case double
        /// A message to a customer that went out again under the same id.
        case repeated
    }

    var kind: Kind
    /// `client`, `order-service` or the service's name.
    var service: String
    /// Nil where a sum is wrong and no single order can be blamed.
    var order: String?
    /// One line for people, no secret.
    var detail: String

    /// As it is printed: `01a2… inventory: missing: …`.
    var line: String { "\(order ?? "-")  \(service): \(kind.rawValue): \(detail)" }
}
