/// One line of the catalogue.
struct Product: Hashable, Sendable {
    /// At least 1.
    var id: Int64
    /// Shown to people; one line, not empty.
    var name: String
    /// How many there are when the product is first seen; 0 to 10⁹.
    var stock: Int64
}
