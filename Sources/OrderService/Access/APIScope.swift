/// What a client may do.
enum APIScope: String, CaseIterable, Sendable {
    /// Place orders.
    case place = "orders:write"
    /// Look at orders and follow them.
    case read = "orders:read"
    /// Everything, metrics included.
    case admin
}

extension APIScope {
    /// What a path asks for; nil where anybody may look: health, for load balancers, and the two descriptions.
    ///
    /// A path that does not exist asks for `admin`, so that a stranger learns nothing of which paths there are.
    static func needed(for path: String, isWriting: Bool) -> APIScope? {
        let segments = path.split(separator: "/")
        switch segments.first {
        case "orders": return isWriting ? .place : .read
        case "health", "openapi.yaml", "asyncapi.yaml": return nil
        default: return .admin
        }
    }
}
