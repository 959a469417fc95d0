extension OutcomeBatch {
    /// Reads what ``json()`` writes.
    public init?(compact body: [UInt8]) {
        var json = CompactJSON(body)
        guard json.skip("{\"service\":"), let service = json.string(), json.skip(",\"outcomes\":[") else {
            return nil
        }
        var outcomes: [Outcome] = []
        while outcomes.isEmpty || json.skip(",") {
            guard let outcome = Outcome(compact: &json) else { return nil }
            outcomes.append(outcome)
        }
        guard json.skip("]}"), json.isAtEnd else { return nil }
        self.init(service: service, outcomes: outcomes)
    }

    /// The body on the wire.
    ///
    /// Written by hand: a worker writes one for everything that it handles.
    public func json() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + outcomes.count * 256)
        bytes.append(contentsOf: #"{"service":"#.utf8)
        Self.write(service, to: &bytes)
        bytes.append(contentsOf: #","outcomes":["#.utf8)
        for (index, outcome) in outcomes.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            outcome.write(to: &bytes)
        }
        bytes.append(contentsOf: "]}".utf8)
        return bytes
    }

    /// A JSON string; RFC 8259, section 7.
    fileprivate static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 0xF)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension Outcome {
    fileprivate init?(compact json: inout CompactJSON) {
        guard json.skip("{\"event_id\":"), let eventID = json.string(),
            json.skip(",\"event_type\":"), let eventType = json.string()
        else { return nil }
        var subject: String?
        if json.skip(",\"subject\":") {
            subject = json.string()
            guard subject != nil else { return nil }
        }
        guard json.skip(",\"state\":"), let state = json.string().flatMap(State.init),
            json.skip(",\"attempt\":"), let attempt = json.integer(),
            json.skip(",\"at\":"), let at = json.integer()
        else { return nil }
        var nextAt: Int64?
        if json.skip(",\"next_at\":") {
            nextAt = json.integer()
            guard nextAt != nil else { return nil }
        }
        var detail: String?
        if json.skip(",\"detail\":") {
            detail = json.string()
            guard detail != nil else { return nil }
        }
        guard json.skip("}") else { return nil }
        self.init(
            eventID: eventID,
            eventType: eventType,
            subject: subject,
            state: state,
            attempt: Int(attempt),
            at: at,
            nextAt: nextAt,
            detail: detail.map { OutcomeNote($0).text }
        )
    }

    fileprivate func write(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"event_id":"#.utf8)
        OutcomeBatch.write(eventID, to: &bytes)
        bytes.append(contentsOf: #","event_type":"#.utf8)
        OutcomeBatch.write(eventType, to: &bytes)
        if let subject {
            bytes.append(contentsOf: #","subject":"#.utf8)
            OutcomeBatch.write(subject, to: &bytes)
        }
        bytes.append(contentsOf: #","state":"\#(state.rawValue)","attempt":\#(attempt),"at":\#(at)"#.utf8)
        if let nextAt { bytes.append(contentsOf: #","next_at":\#(nextAt)"#.utf8) }
        if let detail {
            bytes.append(contentsOf: #","detail":"#.utf8)
            OutcomeBatch.write(detail, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
