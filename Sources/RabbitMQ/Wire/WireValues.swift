internal import CRabbitMQ

/// Copies decoded C values into Swift ones.
///
/// The C memory belongs to the connection state and is valid until its buffers are released at the end of the
/// turn; nothing here keeps a pointer.
enum WireValues {
    /// Tables nested deeper than this arrive as `.void`: no honest sender nests them, and recursion has a price.
    private static let deepestNesting = 64

    static func text(_ bytes: amqp_bytes_t) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }

    static func octets(_ bytes: amqp_bytes_t) -> [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
    }

    /// A table within a table.
    private static func table(_ table: amqp_table_t, depth: Int) -> FieldTable {
        guard let entries = unsafe table.entries, unsafe table.num_entries > 0 else { return FieldTable() }
        var (names, values): ([String], [FieldValue]) = ([], [])
        for index in 0..<(unsafe Int(table.num_entries)) {
            unsafe names.append(text(entries[index].key))
            unsafe values.append(value(entries[index].value, depth: depth))
        }
        return FieldTable(names: names, values: values)
    }

    /// The headers of a message; texts of it that they repeat, as those of CloudEvents do, are shared, not made again.
    private static func headers(
        _ table: amqp_table_t,
        repeating one: String?,
        _ other: String?,
        _ seen: inout SeenTexts
    ) -> FieldTable {
        guard let entries = unsafe table.entries, unsafe table.num_entries > 0 else { return FieldTable() }
        let count = unsafe Int(table.num_entries)
        var values: [FieldValue] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            let field = unsafe entries[index].value
            if let one, unsafe SeenTexts.isSame(one, field) {
                values.append(.string(one))
            } else if let other, unsafe SeenTexts.isSame(other, field) {
                values.append(.string(other))
            } else {
                unsafe values.append(value(field, depth: 0))
            }
        }
        return unsafe FieldTable(names: seen.names(of: entries, count: count), values: values)
    }

    static func properties(
        _ source: amqp_basic_properties_t,
        withHeaders: Bool,
        _ seen: inout SeenTexts
    ) -> MessageProperties {
        var properties = MessageProperties.Fields()
        func has(_ flag: UInt32) -> Bool { unsafe source._flags & flag != 0 }
        if has(1 << 15) {
            properties.contentType = unsafe seen.text(source.content_type, at: SeenTexts.contentType)
        }
        if has(1 << 14) { properties.contentEncoding = unsafe text(source.content_encoding) }
        if has(1 << 12) { properties.deliveryMode = unsafe .init(rawValue: source.delivery_mode) }
        if has(1 << 11) { properties.priority = unsafe source.priority }
        if has(1 << 10) { properties.correlationID = unsafe text(source.correlation_id) }
        if has(1 << 9) { properties.replyTo = unsafe text(source.reply_to) }
        if has(1 << 8) { properties.expiration = unsafe text(source.expiration) }
        if has(1 << 7) { properties.messageID = unsafe text(source.message_id) }
        if has(1 << 6) { properties.timestamp = unsafe source.timestamp }
        if has(1 << 5) { properties.type = unsafe text(source.type) }
        if has(1 << 4) { properties.userID = unsafe text(source.user_id) }
        if has(1 << 3) { properties.appID = unsafe text(source.app_id) }
        if has(1 << 2) { properties.clusterID = unsafe text(source.cluster_id) }
        if withHeaders, has(1 << 13) {
            let (id, subject) = (properties.messageID, properties.correlationID)
            properties.headers = unsafe headers(source.headers, repeating: id, subject, &seen)
        }
        return MessageProperties(properties)
    }

    private static func string(_ bytes: amqp_bytes_t) -> FieldValue {
        let span = unsafe UnsafeBufferPointer(
            start: bytes.bytes?.assumingMemoryBound(to: UInt8.self),
            count: bytes.len
        )
        .span
        guard let valid = try? UTF8Span(validating: span) else { return unsafe .rawString(octets(bytes)) }
        return .string(String(copying: valid))
    }

    private static func value(_ field: amqp_field_value_t, depth: Int) -> FieldValue {
        guard depth < deepestNesting else { return .void }
        switch unsafe Unicode.Scalar(field.kind) {
        case "t": return unsafe .bool(field.value.boolean != 0)
        case "b": return unsafe .int8(field.value.i8)
        case "B": return unsafe .uint8(field.value.u8)
        case "s": return unsafe .int16(field.value.i16)
        case "u": return unsafe .uint16(field.value.u16)
        case "I": return unsafe .int32(field.value.i32)
        case "i": return unsafe .uint32(field.value.u32)
        case "l": return unsafe .int64(field.value.i64)
        case "L": return unsafe .uint64(field.value.u64)
        case "f": return unsafe .float(field.value.f32)
        case "d": return unsafe .double(field.value.f64)
        case "D":
            return unsafe .decimal(scale: field.value.decimal.decimals, value: field.value.decimal.value)
        case "S":
            return unsafe string(field.value.bytes)
        case "A":
            let array = unsafe field.value.array
            guard let entries = unsafe array.entries else { return .array([]) }
            return unsafe .array(
                (0..<Int(array.num_entries)).map { unsafe value(entries[$0], depth: depth + 1) }
            )
        case "T": return unsafe .timestamp(field.value.u64)
        case "F": return unsafe .table(table(field.value.table, depth: depth + 1))
        case "x": return unsafe .bytes(octets(field.value.bytes))
        default: return .void
        }
    }
}
