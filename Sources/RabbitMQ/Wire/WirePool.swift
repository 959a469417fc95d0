internal import CRabbitMQ

/// Memory for the arguments of frames while librabbitmq encodes or decodes them.
///
/// Everything it hands out is valid until ``recycle()``. Lives on the owning thread.
@safe struct WirePool: ~Copyable {
    private var pool = unsafe amqp_pool_t()

    /// Whether a field's name was longer than its one length byte can say.
    ///
    /// librabbitmq 0.11 does not look and writes the low byte of the length before the whole name: garbage.
    private(set) var hasOverlongName = false

    init() {
        unsafe init_amqp_pool(&pool, 4096)
    }

    deinit {
        // A stored property cannot be passed inout from deinit; the copy names the same pages.
        var pages = unsafe pool
        unsafe empty_amqp_pool(&pages)
    }

    /// Takes everything back.
    mutating func recycle() {
        unsafe recycle_amqp_pool(&pool)
        hasOverlongName = false
    }

    /// Decodes the arguments of a method into a structure of the pool, which points into `arguments`.
    /// - Returns: A status of librabbitmq's; the structure is there where it is `AMQP_STATUS_OK`.
    mutating func decode(
        _ number: UInt32,
        _ arguments: amqp_bytes_t,
        _ fields: inout UnsafeMutableRawPointer?
    ) -> Int32 {
        unsafe amqp_decode_method(number, &pool, arguments, &fields)
    }

    /// Copies UTF-8 into the pool.
    mutating func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { unsafe copy(UnsafeRawBufferPointer($0)) }
    }

    /// Copies bytes into the pool.
    mutating func bytes(_ octets: [UInt8]) -> amqp_bytes_t {
        unsafe octets.withUnsafeBytes { unsafe copy($0) }
    }

    /// Builds a table in the pool.
    mutating func table(_ table: FieldTable) -> amqp_table_t {
        let fields = table.entries
        guard !fields.isEmpty,
            let memory = unsafe amqp_pool_alloc(&pool, fields.count * MemoryLayout<amqp_table_entry_t>.stride)
        else { return unsafe amqp_table_t(num_entries: 0, entries: nil) }
        let entries = unsafe memory.bindMemory(to: amqp_table_entry_t.self, capacity: fields.count)
        for (index, field) in fields.enumerated() {
            if field.name.utf8.count > 255 { hasOverlongName = true }
            let encoded = unsafe amqp_table_entry_t(key: bytes(field.name), value: value(field.value))
            unsafe (entries + index).initialize(to: encoded)
        }
        return unsafe amqp_table_t(num_entries: Int32(fields.count), entries: entries)
    }

    private mutating func array(_ values: [FieldValue]) -> amqp_array_t {
        let count = values.count
        guard count > 0,
            let memory = unsafe amqp_pool_alloc(&pool, count * MemoryLayout<amqp_field_value_t>.stride)
        else { return unsafe amqp_array_t(num_entries: 0, entries: nil) }
        let entries = unsafe memory.bindMemory(to: amqp_field_value_t.self, capacity: count)
        for (index, element) in values.enumerated() {
            let encoded = unsafe value(element)
            unsafe (entries + index).initialize(to: encoded)
        }
        return unsafe amqp_array_t(num_entries: Int32(count), entries: entries)
    }

    private mutating func value(_ value: FieldValue) -> amqp_field_value_t {
        var field = unsafe amqp_field_value_t()
        unsafe field.kind = value.wireKind
        switch value {
        case .bool(let flag): unsafe field.value.boolean = flag ? 1 : 0
        case .int8(let number): unsafe field.value.i8 = number
        case .uint8(let number): unsafe field.value.u8 = number
        case .int16(let number): unsafe field.value.i16 = number
        case .uint16(let number): unsafe field.value.u16 = number
        case .int32(let number): unsafe field.value.i32 = number
        case .uint32(let number): unsafe field.value.u32 = number
        case .int64(let number): unsafe field.value.i64 = number
        case .uint64(let number), .timestamp(let number): unsafe field.value.u64 = number
        case .float(let number): unsafe field.value.f32 = number
        case .double(let number): unsafe field.value.f64 = number
        case .decimal(let scale, let number):
            unsafe field.value.decimal = amqp_decimal_t(decimals: scale, value: number)
        case .string(let text): unsafe field.value.bytes = bytes(text)
        case .rawString(let octets), .bytes(let octets): unsafe field.value.bytes = bytes(octets)
        case .array(let values): unsafe field.value.array = array(values)
        case .table(let nested): unsafe field.value.table = table(nested)
        case .void: break
        }
        return unsafe field
    }

    private mutating func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        var target = unsafe amqp_bytes_t()
        guard unsafe !source.isEmpty else { return unsafe target }
        unsafe amqp_pool_alloc_bytes(&pool, source.count, &target)
        // Without memory the field stays empty; the encoder then refuses or sends it empty, it never overruns.
        if unsafe target.bytes != nil, let base = source.baseAddress {
            unsafe target.bytes.copyMemory(from: base, byteCount: source.count)
        }
        return unsafe target
    }
}

extension FieldValue {
    /// The letter that announces this type on the wire.
    fileprivate var wireKind: UInt8 {
        let letter: Unicode.Scalar =
            switch self {
            case .bool: "t"
            case .int8: "b"
            case .uint8: "B"
            case .int16: "s"
            case .uint16: "u"
            case .int32: "I"
            case .uint32: "i"
            case .int64: "l"
            case .uint64: "L"
            case .float: "f"
            case .double: "d"
            case .decimal: "D"
            case .string, .rawString: "S"
            case .array: "A"
            case .timestamp: "T"
            case .table: "F"
            case .void: "V"
            case .bytes: "x"
            }
        return UInt8(ascii: letter)
    }
}
