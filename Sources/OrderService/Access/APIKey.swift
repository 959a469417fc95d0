import Digests

/// A client's key, known by its digest only.
///
/// Keys are long and random, so one round of SHA-256 is enough: there is no dictionary to try.
struct APIKey: Hashable, Sendable {
    /// Who has it; shown in logs.
    let name: String
    let scopes: Set<APIScope>
    /// SHA-256 of the key's text.
    let digest: [UInt8]

    /// Whether a client with it may do something.
    func allows(_ scope: APIScope) -> Bool {
        scopes.contains(scope) || scopes.contains(.admin)
    }
}

/// Every key that is accepted.
struct APIKeyRing: Hashable, Sendable {
    /// Most keys of one service.
    static let limit = 1_000

    let keys: [APIKey]

    /// The key that a client presented.
    ///
    /// Pure. Takes the same time whichever key it is and however much of one was guessed: every digest is compared to
    /// its end.
    func key(presentedAs text: some StringProtocol) -> APIKey? {
        let digest = SHA256.digest(Array(text.utf8))
        var found: APIKey?
        for key in keys where Self.areEqual(key.digest, digest) { found = key }
        return found
    }

    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in one.indices { difference |= one[index] ^ other[index] }
        return difference == 0
    }
}
