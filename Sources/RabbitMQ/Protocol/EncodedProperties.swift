/// The properties of a message as they came over the wire, read where they lie.
///
/// Pure. A message that arrives costs one array for its properties; what nobody asks for is never made.
/// Source: AMQP 0-9-1 section 4.2.6.1.
struct EncodedProperties: Sendable {
    /// A property by the bit that says whether it is there, in the order of the wire from the highest.
    enum Property: Int {
        case clusterID = 2
        case appID, userID, type, timestamp, messageID, expiration, replyTo, correlationID, priority,
            deliveryMode
        case headers, contentEncoding, contentType
    }

    /// The flags, and what they say is there.
    private let bytes: [UInt8]
    private let headerNames: NameSet

    /// Takes the property flags and the property list of a content header.
    ///
    /// - Returns: `nil` where a property goes beyond the end, or the headers are no table.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        self.bytes = bytes
        let flags = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        var names = NameSet()
        var offset = 2
        var bit = Property.contentType.rawValue
        while bit >= Property.clusterID.rawValue {
            defer { bit -= 1 }
            guard flags & 1 << UInt16(bit) != 0 else { continue }
            guard let size = Self.size(of: bit, bytes, at: offset) else { return nil }
            if bit == Property.headers.rawValue {
                guard FieldReading.isTable(bytes, offset + 4..<offset + size, &names) else { return nil }
            }
            offset += size
        }
        headerNames = names
    }

    func hasSameBytes(as other: EncodedProperties) -> Bool { bytes == other.bytes }

    private func has(_ bit: Int) -> Bool {
        (UInt16(bytes[0]) << 8 | UInt16(bytes[1])) & 1 << UInt16(bit) != 0
    }

    private static func size(of bit: Int, _ bytes: [UInt8], at offset: Int) -> Int? {
        let size: Int
        switch bit {
        case Property.headers.rawValue:
            return FieldReading.longStringSize(bytes, at: offset, end: bytes.count)
        case Property.deliveryMode.rawValue, Property.priority.rawValue: size = 1
        case Property.timestamp.rawValue: size = 8
        default: return FieldReading.shortStringSize(bytes, at: offset, end: bytes.count)
        }
        return size <= bytes.count - offset ? size : nil
    }

    /// Where a property begins, `nil` where it is absent.
    private func offset(of property: Property) -> Int? {
        guard has(property.rawValue) else { return nil }
        var offset = 2
        var bit = Property.contentType.rawValue
        while bit > property.rawValue {
            if has(bit) { offset += Self.size(of: bit, bytes, at: offset) ?? 0 }
            bit -= 1
        }
        return offset
    }

    /// A property that is a text; bytes that are no UTF-8 are replaced.
    func text(_ property: Property) -> String? {
        guard let offset = offset(of: property) else { return nil }
        return FieldReading.text(bytes, offset + 1..<offset + 1 + Int(bytes[offset]))
    }

    /// A property of one byte.
    func octet(_ property: Property) -> UInt8? {
        offset(of: property).map { bytes[$0] }
    }

    var timestamp: UInt64? {
        offset(of: .timestamp).map { FieldReading.number(bytes, at: $0, octets: 8) }
    }

    /// The headers; empty where there are none.
    var headers: FieldTable {
        guard let offset = offset(of: .headers),
            let size = Self.size(of: Property.headers.rawValue, bytes, at: offset)
        else { return FieldTable() }
        return FieldTable(EncodedTable(bytes, offset + 4..<offset + size, headerNames))
    }

    /// All of them, made.
    var fields: MessageProperties.Fields {
        MessageProperties.Fields(
            contentType: text(.contentType),
            contentEncoding: text(.contentEncoding),
            headers: headers,
            deliveryMode: octet(.deliveryMode).flatMap { .init(rawValue: $0) },
            priority: octet(.priority),
            correlationID: text(.correlationID),
            replyTo: text(.replyTo),
            expiration: text(.expiration),
            messageID: text(.messageID),
            timestamp: timestamp,
            type: text(.type),
            userID: text(.userID),
            appID: text(.appID),
            clusterID: text(.clusterID)
        )
    }
}
