/// The members of one JSON object, read strictly and once.
///
/// Numbers stay text, so that nothing is rounded before it is judged; nested values are checked and passed over.
/// Strict means RFC 8259 to the letter: UTF-8, no byte order mark, no comments, nothing after the value.
struct JSONMembers {
    /// One value, as far as an order needs it.
    enum Value: Equatable {
        case null
        case bool
        case number(String)
        case string(String)
        case array
        case object
    }

    /// Why a text is not JSON; a sentence for the client.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// Every member in order of appearance, repeats included; nothing when the value is no object.
    let members: [(name: String, value: Value)]?

    /// Reads a whole body.
    init(_ bytes: [UInt8]) throws(Failure) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Failure(reason: "The body is not UTF-8.")
        }
        var scanner = JSONScanner(bytes)
        members = try scanner.scanDocument()
    }

    /// The value of a member, how often it appears, or nothing when it does not.
    func values(of name: String) -> [Value] {
        (members ?? []).filter { $0.name == name }.map(\.value)
    }
}
