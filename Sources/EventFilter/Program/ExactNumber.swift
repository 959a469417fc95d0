/// A number read digit by digit where it stands: in the expression, in the body, in a register.
///
/// ±0.d₁d₂d₃… × 10 to the power of `point`, d₁ not zero: signs, then points, then digits decide, and nothing is rounded.
struct ExactNumber {
    /// -1, 0 or 1.
    private let sign: Int
    private let point: Int
    private let digits: Digits

    init(_ decimal: ExactDecimal) {
        sign = decimal.sign
        point = decimal.point
        digits = .listed(decimal.digits, index: 0)
    }

    init(isNegative: Bool, magnitude: UInt64, scale: Int) {
        var divisor: UInt64 = 1
        var count = 1
        while magnitude / divisor >= 10 {
            divisor *= 10
            count += 1
        }
        sign = magnitude == 0 ? 0 : (isNegative ? -1 : 1)
        point = count - scale
        digits = .binary(magnitude, divisor: divisor)
    }

    /// Reads a number as JSON writes it; the scanner has made sure that it is one.
    /// - Returns: nil for an exponent beyond ±10¹², which nothing in an expression could equal or come near.
    init?(json range: Range<Int>, _ body: Span<UInt8>) {
        var index = range.lowerBound
        let isNegative = body[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var first = -1
        var point = 0
        var isFraction = false
        while index < range.upperBound {
            let byte = body[index]
            if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") { break }
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if first < 0 && byte == UInt8(ascii: "0") {
                if isFraction { point -= 1 }
            } else {
                if first < 0 { first = index }
                if !isFraction { point += 1 }
            }
            index += 1
        }
        sign = first < 0 ? 0 : (isNegative ? -1 : 1)
        digits = .json(position: max(first, 0), end: first < 0 ? 0 : index)
        guard first >= 0, index < range.upperBound else {
            self.point = point
            return
        }
        index += 1
        let isDown = body[index] == UInt8(ascii: "-")
        if isDown || body[index] == UInt8(ascii: "+") { index += 1 }
        var exponent = 0
        while index < range.upperBound {
            exponent = exponent * 10 + Int(body[index] - UInt8(ascii: "0"))
            guard exponent <= 1_000_000_000_000 else { return nil }
            index += 1
        }
        self.point = point + (isDown ? -exponent : exponent)
    }

    /// - Returns: Negative, zero or positive, as this number is less, equal or greater.
    func order(to other: ExactNumber, _ body: Span<UInt8>) -> Int {
        guard sign == other.sign else { return sign - other.sign }
        guard sign != 0 else { return 0 }
        guard point == other.point else { return point < other.point ? -sign : sign }
        var (mine, theirs) = (digits, other.digits)
        while true {
            let (left, right) = (mine.next(body), theirs.next(body))
            // Past its last digit a number goes on with zeros.
            if left ?? 0 != right ?? 0 { return left ?? 0 < right ?? 0 ? -sign : sign }
            if left == nil && right == nil { return 0 }
        }
    }

    /// The digits from the first that is not zero, one after the other.
    private enum Digits {
        case listed([UInt8], index: Int)
        case binary(UInt64, divisor: UInt64)
        case json(position: Int, end: Int)

        mutating func next(_ body: Span<UInt8>) -> UInt8? {
            switch self {
            case .listed(let digits, let index):
                guard index < digits.count else { return nil }
                self = .listed(digits, index: index + 1)
                return digits[index]
            case .binary(let magnitude, let divisor):
                guard divisor > 0 else { return nil }
                self = .binary(magnitude % divisor, divisor: divisor / 10)
                return UInt8(magnitude / divisor)
            case .json(var position, let end):
                if position < end, body[position] == UInt8(ascii: ".") { position += 1 }
                guard position < end else { return nil }
                self = .json(position: position + 1, end: end)
                return body[position] - UInt8(ascii: "0")
            }
        }
    }
}
