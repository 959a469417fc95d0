extension HTTPRequest {
    /// Whether the host is this machine; a proxy from the environment must not come between.
    var isForThisMachine: Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains(authority.hostPart)
    }

    /// The URL without a login in it, safe to show.
    var safeURL: String {
        guard let at = authority.lastIndex(of: "@") else { return url }
        return url.replacing(authority[...at], with: "", maxReplacements: 1)
    }

    private var authority: Substring {
        guard let scheme = url.firstRange(of: "://") else { return "" }
        return url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    }
}

extension Substring {
    fileprivate var hostPart: String {
        let afterLogin = lastIndex(of: "@").map { self[index(after: $0)...] } ?? self
        if afterLogin.hasPrefix("["), let end = afterLogin.firstIndex(of: "]") {
            return String(afterLogin[...end])
        }
        return String(afterLogin.prefix { $0 != ":" })
    }
}
