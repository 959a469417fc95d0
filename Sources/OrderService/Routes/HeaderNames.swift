import Hummingbird

/// A header's name; Hummingbird hands on the collection of headers, but not this type's own name.
private typealias HeaderName = HTTPFields.Element.Name

extension HeaderName {
    static let idempotencyKey = known("Idempotency-Key")
    static let idempotentReplay = known("Idempotent-Replay")
    static let lastEventID = known("Last-Event-ID")
    static let traceParent = known("traceparent")

    private static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("not a header's name: \(name)") }
        return name
    }
}
