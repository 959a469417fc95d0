import OrderEvents

/// What a client asks for, judged and found good.
struct OrderDraft: Hashable, Sendable {
    var userID: Int64
    var productID: Int64
    var quantity: Int
    var price: Money
    var email: String?
    var phone: String?

    /// The price of all; within bounds at most 10 000 times 1 000 000.00, so it always fits.
    var total: Money {
        price.times(quantity) ?? Money(minorUnits: .max)
    }
}

/// One thing wrong with one field of a request.
struct FieldProblem: Hashable, Sendable {
    /// The field's name, or a header's or parameter's; `body` for the whole.
    let field: String
    /// The rule that was broken, as a phrase that may follow the name.
    let message: String
}

extension OrderDraft {
    /// Reads the body of `POST /orders`.
    ///
    /// Members it does not know are ignored, as are those whose optional value is `null`. A number counts by its
    /// value, as JSON Schema has it: `2.0` and `2e0` are the integer 2, `"2"` and `true` are not.
    ///
    /// - Parameters:
    ///   - json: The body.
    ///   - problems: Gets every problem found, in the order of the fields.
    /// - Returns: The order, or nothing when there is a problem.
    static func read(_ json: JSONMembers, problems: inout [FieldProblem]) -> OrderDraft? {
        guard json.members != nil else {
            problems.append(FieldProblem(field: "body", message: "must be a JSON object"))
            return nil
        }
        var reader = FieldReader(json: json)
        let userID = reader.integer("user_id", in: 1...Int64.max, rule: "must be an integer of at least 1")
        let productID = reader.integer(
            "product_id",
            in: 1...Int64.max,
            rule: "must be an integer of at least 1"
        )
        let quantity = reader.integer("quantity", in: 1...10_000, rule: "must be an integer from 1 to 10000")
        let price = reader.price("price")
        let email = reader.text("email", rule: "must be an email address of at most 254 characters") {
            $0.unicodeScalars.count <= 254 && Plausibility.isEmail($0)
        }
        let phone = reader.text("phone", rule: "must be a telephone number of at most 32 characters") {
            $0.unicodeScalars.count <= 32 && Plausibility.isPhone($0)
        }
        problems.append(contentsOf: reader.problems)
        guard reader.problems.isEmpty, let userID, let productID, let quantity, let price else { return nil }
        return OrderDraft(
            userID: userID,
            productID: productID,
            quantity: Int(quantity),
            price: price,
            email: email,
            phone: phone
        )
    }
}

/// Takes fields out of an object one by one and collects what is wrong with them.
private struct FieldReader {
    let json: JSONMembers
    var problems: [FieldProblem] = []

    mutating func integer(_ name: String, in range: ClosedRange<Int64>, rule: String) -> Int64? {
        guard let value = required(name) else { return nil }
        guard case .number(let text) = value,
            let integer = try? DecimalText.parse(text, decimals: 0),
            range.contains(integer)
        else {
            return refuse(name, rule)
        }
        return integer
    }

    mutating func price(_ name: String) -> Money? {
        let range = Money(minorUnits: 1)...Money(minorUnits: 100_000_000)
        let rule = "must be a number from 0.01 to 1000000.00"
        guard let value = required(name) else { return nil }
        guard case .number(let text) = value else { return refuse(name, rule) }
        do throws(Money.ParseError) {
            let price = try Money.parse(text)
            return range.contains(price) ? price : refuse(name, rule)
        } catch {
            return refuse(name, error == .tooPrecise ? "must have at most two decimals" : rule)
        }
    }

    mutating func text(_ name: String, rule: String, isGood: (String) -> Bool) -> String? {
        guard let value = single(name), value != .null else { return nil }
        guard case .string(let text) = value, isGood(text) else { return refuse(name, rule) }
        return text
    }

    private mutating func required(_ name: String) -> JSONMembers.Value? {
        let count = problems.count
        guard let value = single(name) else {
            return problems.count > count ? nil : refuse(name, "is missing")
        }
        return value
    }

    /// Which of two values counts is anybody's guess, so a repeated member is refused.
    private mutating func single(_ name: String) -> JSONMembers.Value? {
        let values = json.values(of: name)
        return values.count > 1 ? refuse(name, "appears more than once") : values.first
    }

    private mutating func refuse<Value>(_ name: String, _ message: String) -> Value? {
        problems.append(FieldProblem(field: name, message: message))
        return nil
    }
}
