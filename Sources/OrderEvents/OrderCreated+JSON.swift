extension OrderCreated {
    /// The event's body on the wire: compact JSON, UTF-8.
    ///
    /// The same order always gives the same bytes: fields stand in the contract's order, absent ones are left out,
    /// money is the shortest exact decimal.
    public func json() -> [UInt8] {
        var writer = JSONObjectWriter(style: .compact)
        writer.add("id", id)
        write(into: &writer)
        if let email { writer.add("email", email) }
        if let phone { writer.add("phone", phone) }
        return writer.finish()
    }

    /// The order as one line for a person: JSON with blanks, without identifier and personal data.
    ///
    /// `{"user_id": 123, "product_id": 1, "quantity": 2, "price": 999.99, …}`
    public var summary: String {
        var writer = JSONObjectWriter(style: .readable)
        write(into: &writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private func write(into writer: inout JSONObjectWriter) {
        writer.add("user_id", number: userID)
        writer.add("product_id", number: productID)
        writer.add("quantity", number: Int64(quantity))
        writer.add("price", money: price)
        writer.add("total", money: total)
        writer.add("currency", currency)
        writer.add("created_at", createdAt)
    }
}
