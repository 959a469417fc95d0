/// A decimal number of any length, without rounding: ±0.d₁d₂d₃… × 10 to the power of `point`, d₁ not zero.
struct ExactDecimal: Hashable, Sendable {
    /// -1, 0 or 1.
    let sign: Int
    /// Where the decimal point stands, counted from before the first digit.
    let point: Int
    /// From 0 to 9, without zeros at either end; empty for zero.
    let digits: [UInt8]

    /// Reads digits with an optional minus and at most one decimal point.
    init(_ text: String) {
        var digits: [UInt8] = []
        var point = 0
        var isFraction = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "."):
                isFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = byte - UInt8(ascii: "0")
                if digits.isEmpty && digit == 0 {
                    if isFraction { point -= 1 }
                } else {
                    digits.append(digit)
                    if !isFraction { point += 1 }
                }
            default: break
            }
        }
        while digits.last == 0 { digits.removeLast() }
        sign = digits.isEmpty ? 0 : (text.hasPrefix("-") ? -1 : 1)
        self.point = digits.isEmpty ? 0 : point
        self.digits = digits
    }
}
