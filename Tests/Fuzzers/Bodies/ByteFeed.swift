import RabbitMQ

/// Takes values out of bytes, so that a fuzzer that changes bytes changes values; zeros and nothing when they are used up.
struct ByteFeed {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number() -> UInt64 {
        (0..<8).reduce(0) { number, _ in number << 8 | UInt64(byte()) }
    }

    /// As many bytes as the next one says.
    mutating func bytes() -> [UInt8] {
        let taken = rest.prefix(Int(byte()))
        rest = rest.dropFirst(taken.count)
        return Array(taken)
    }

    mutating func text() -> String { String(decoding: bytes(), as: UTF8.self) }

    mutating func textIfAny() -> String? { byte() & 1 == 0 ? nil : text() }

    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// One of the names that mean something, or any.
    mutating func headerName() -> String {
        let known = [
            "cloudEvents_id", "cloudEvents:id", "cloudEvents_type", "cloudEvents:type", "cloudEvents_source",
            "cloudEvents_subject", "cloudEvents_time", "event-version", "retry-attempt", "retry-error",
            "retry-first-failed-at", "retry-last-failed-at", "dead-letter-reason", "dead-letter-service",
            "x-death", "x-delivery-count", "traceparent", "replayed", "CC", "BCC",
        ]
        let choice = Int(byte())
        return choice < known.count ? known[choice] : text()
    }

    mutating func value(depth: Int = 0) -> FieldValue {
        switch byte() % 19 {
        case 0: return .bool(byte() & 1 == 1)
        case 1: return .int8(Int8(bitPattern: byte()))
        case 2: return .uint8(byte())
        case 3: return .int16(Int16(truncatingIfNeeded: number()))
        case 4: return .uint16(UInt16(truncatingIfNeeded: number()))
        case 5: return .int32(Int32(truncatingIfNeeded: number()))
        case 6: return .uint32(UInt32(truncatingIfNeeded: number()))
        case 7: return .int64(Int64(bitPattern: number()))
        case 8: return .uint64(number())
        // No NaN: it is unlike itself.
        case 9: return .float(Float(Int8(bitPattern: byte())) / 8)
        case 10: return .double(Double(Int8(bitPattern: byte())) / 8)
        case 11: return .decimal(scale: byte(), value: UInt32(truncatingIfNeeded: number()))
        case 12: return .string(text())
        case 13: return .rawString([0xFF] + bytes())
        case 14 where depth < 8: return .array((0..<byte() % 4).map { _ in value(depth: depth + 1) })
        case 15: return .timestamp(number())
        case 16 where depth < 8: return .table(table(depth: depth + 1))
        case 17: return .bytes(bytes())
        default: return .void
        }
    }

    mutating func table(depth: Int = 0) -> FieldTable {
        FieldTable(
            (0..<byte() % 8)
                .map { _ in FieldTable.Entry(name: headerName(), value: value(depth: depth)) }
        )
    }

    mutating func properties() -> MessageProperties {
        var properties = MessageProperties(
            contentType: textIfAny(),
            headers: table(),
            correlationID: textIfAny(),
            messageID: textIfAny(),
            type: textIfAny(),
            appID: textIfAny()
        )
        let flags = byte()
        if flags & 1 != 0 { properties.timestamp = number() }
        if flags & 2 != 0 { properties.priority = byte() }
        if flags & 4 != 0 { properties.expiration = text() }
        if flags & 8 != 0 { properties.userID = text() }
        if flags & 16 != 0 { properties.deliveryMode = flags & 32 != 0 ? .persistent : .transient }
        return properties
    }
}
