extension OutcomeBatch {
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
