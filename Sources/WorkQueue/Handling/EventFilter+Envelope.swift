public import EventFilter
internal import RabbitMQ

extension WorkerSettings {
    /// Whether the service wants the event: its filter does, and the broker's filter does.
    ///
    /// The broker's filter is asked again, because an older binding may let through more. Allocates nothing.
    func accepts(_ envelope: EventEnvelope) -> Bool {
        if let filter, !filter.accepts(envelope) { return false }
        if let brokerFilter, !brokerFilter.filter.accepts(envelope) { return false }
        return true
    }
}

extension EventEnvelope: FilterableEvent {
    /// What the event has under an attribute's name.
    public func value(of attribute: FilterAttribute) -> FilterValue {
        switch attribute {
        case .id: return .text(id)
        case .type: return .text(type)
        case .source: return FilterValue(source)
        case .subject: return FilterValue(subject)
        case .time: return FilterValue(time)
        case .version: return .number(Int64(version))
        case .replayed:
            guard case .flag(true) = value(ofHeader: EventHeaders.replayed) else { return .flag(false) }
            return .flag(true)
        }
    }

    /// What the event has in the header with this name; the first, where several have it.
    ///
    /// Whole numbers of every width and decimals are numbers; lists, bytes, times and binary fractions compare with
    /// nothing.
    public func value(ofHeader name: String) -> FilterValue {
        properties.headers[name].map { FilterValue($0) } ?? .absent
    }
}

extension FilterValue {
    fileprivate init(_ text: String?) {
        if let text { self = .text(text) } else { self = .absent }
    }

    fileprivate init(_ value: FieldValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .bool(let flag): self = .flag(flag)
        case .uint64(let number): self = .number(isNegative: false, magnitude: number, scale: 0)
        case .decimal(let scale, let number):
            self = .number(isNegative: false, magnitude: UInt64(number), scale: Int(scale))
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64:
            if let number = value.integer { self = .number(number) } else { self = .other }
        case .void: self = .absent
        case .float, .double, .rawString, .array, .timestamp, .table, .bytes: self = .other
        }
    }
}
