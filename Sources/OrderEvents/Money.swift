/// An amount of money in the smallest unit of its currency, so that every sum is exact.
///
/// Two decimals, as the US dollar has. Binary floating point appears nowhere on the way in or out.
public struct Money: Hashable, Sendable, Comparable {
    /// Why a text is no amount of money.
    public enum ParseError: Error, Hashable, Sendable {
        /// Not a decimal number as JSON writes it.
        case notANumber
        /// A number, but finer than the smallest unit: `0.001`.
        case tooPrecise
        /// A number whose smallest units do not fit 64 bits: `1e400`.
        case outOfRange
    }

    /// Cents of a dollar; may be negative, as a difference is.
    public let minorUnits: Int64

    /// Wraps an amount already counted in minor units.
    public init(minorUnits: Int64) {
        self.minorUnits = minorUnits
    }

    /// Orders by amount.
    public static func < (left: Money, right: Money) -> Bool {
        left.minorUnits < right.minorUnits
    }

    /// The amount taken `count` times, or nothing when the product does not fit 64 bits.
    public func times(_ count: Int) -> Money? {
        let (product, overflow) = minorUnits.multipliedReportingOverflow(by: Int64(count))
        return overflow ? nil : Money(minorUnits: product)
    }

    /// The amount with exactly two decimals, for people: `10.00`, `999.90`, `-0.05`.
    public var decimalText: String {
        let (units, cents) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(sign)\(units).\(cents < 10 ? "0" : "")\(cents)"
    }

    /// The shortest exact decimal, for JSON: `10`, `10.5`, `999.99`.
    public var jsonText: String {
        let (units, cents) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        return switch cents {
        case 0: "\(sign)\(units)"
        case let cents where cents % 10 == 0: "\(sign)\(units).\(cents / 10)"
        case let cents: "\(sign)\(units).\(cents < 10 ? "0" : "")\(cents)"
        }
    }

    private var sign: String {
        minorUnits < 0 ? "-" : ""
    }
}
