import Hummingbird

/// Which methods each path answers; the same table that the OpenAPI description tells.
enum RouteTable {
    private static let methods: [(path: [Substring], methods: [HTTPRequest.Method])] = [
        (["orders"], [.get, .post]),
        (["orders", "*"], [.get]),
        (["orders", "*", "events"], [.get]),
        (["health", "live"], [.get]),
        (["health", "ready"], [.get]),
        (["metrics"], [.get]),
        (["openapi.yaml"], [.get]),
        (["asyncapi.yaml"], [.get]),
    ]

    /// The methods of a path, or nothing when there is no such path.
    static func methods(at path: String) -> [HTTPRequest.Method]? {
        let segments = path.split(separator: "/")
        return methods.first { route in
            route.path.count == segments.count
                && zip(route.path, segments).allSatisfy { $0 == "*" || $0 == $1 }
        }?
        .methods
    }
}
