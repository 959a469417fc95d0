import Digests
import ServiceKit

/// Who may call the order service.
enum APIAccess: Hashable, Sendable {
    /// Whoever reaches it.
    case open
    /// Who presents one of these keys.
    case keys(APIKeyRing)
}

extension APIAccess {
    /// The rule of one entry, for messages.
    static let rule = "must be entries name/scopes/sha256, separated by commas, or open"

    /// Reads `http.keys`: `shop/orders:write+orders:read/<64 hexadecimal digits>`, several separated by commas, or `open`.
    ///
    /// - Throws: `BrokenRule` that names the entry by its position, and never holds any of it.
    static func parse(_ text: String) throws(BrokenRule) -> APIAccess {
        if text == "open" { return .open }
        let entries = text.split(separator: ",", omittingEmptySubsequences: false)
        guard entries.count <= APIKeyRing.limit else {
            throw BrokenRule("must be at most \(APIKeyRing.limit) entries")
        }
        var keys: [APIKey] = []
        for (index, entry) in entries.enumerated() {
            let key = try key(entry, "entry \(index + 1)")
            guard !keys.contains(where: { $0.name == key.name || $0.digest == key.digest }) else {
                throw BrokenRule("entry \(index + 1) has the name or the key of an earlier one")
            }
            keys.append(key)
        }
        return .keys(APIKeyRing(keys: keys))
    }

    private static func key(_ entry: Substring, _ place: String) throws(BrokenRule) -> APIKey {
        let parts = entry.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " } }
        guard parts.count == 3 else { throw BrokenRule("\(rule); \(place) is none") }
        guard parts[0].wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil else {
            throw BrokenRule(
                "\(place): the name must be 1 to 64 letters, digits, dots, hyphens and underscores"
            )
        }
        var scopes: Set<APIScope> = []
        for word in parts[1].split(separator: "+", omittingEmptySubsequences: false) {
            guard let scope = APIScope(rawValue: String(word)) else {
                let known = APIScope.allCases.map(\.rawValue).joined(separator: ", ")
                throw BrokenRule("\(place): scopes are \(known), joined by +")
            }
            scopes.insert(scope)
        }
        guard let digest = Hex.bytes(parts[2]), digest.count == 32 else {
            throw BrokenRule("\(place): the digest must be SHA-256, 64 hexadecimal digits")
        }
        return APIKey(name: String(parts[0]), scopes: scopes, digest: digest)
    }
}
