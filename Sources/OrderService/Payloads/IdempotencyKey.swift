/// A client's name for one attempt to order, so that trying again orders nothing twice.
struct IdempotencyKey: Hashable, Sendable {
    let text: String

    /// Reads the header's value: 1 to 255 visible ASCII characters.
    init?(_ text: String) {
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }
}
