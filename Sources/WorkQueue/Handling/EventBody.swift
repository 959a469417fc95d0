internal import FoundationEssentials

/// The body of an event as JSON, read exactly or not at all.
///
/// Pure. Foundation's decoder rounds a number of more than 38 digits in silence, and takes UTF-16 for JSON.
package enum EventBody {
    /// Most digits of a number before its exponent: what a `Decimal` holds without rounding.
    static let longestNumber = 38

    /// Reads a body.
    /// - Throws: ``UndecodableMessage`` or `DecodingError`, neither with a value of the body.
    package static func decode<Event: EventPayload>(_ type: Event.Type, from body: [UInt8]) throws -> Event {
        if let event = Event(compact: body) { return event }
        try check(body)
        return try JSONDecoder().decode(type, from: Data(body))
    }

    /// Refuses what could not be read exactly; whether the rest is JSON is left to the decoder.
    static func check(_ body: [UInt8]) throws(UndecodableMessage) {
        var isInText = false
        var isEscaped = false
        var isExponent = false
        var digits = 0
        for byte in body {
            if isEscaped {
                isEscaped = false
            } else if isInText {
                isEscaped = byte == UInt8(ascii: "\\")
                isInText = byte != UInt8(ascii: "\"")
            } else {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += isExponent ? 0 : 1
                case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"): break
                case 0: throw UndecodableMessage("the body is not JSON in UTF-8")
                default:
                    isInText = byte == UInt8(ascii: "\"")
                    isExponent = false
                    digits = 0
                }
                guard digits <= longestNumber else {
                    throw UndecodableMessage("the body has a number of more than \(longestNumber) digits")
                }
            }
        }
    }
}
