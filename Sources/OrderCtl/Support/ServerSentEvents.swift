/// Reads `text/event-stream` piece by piece, however it is cut.
///
/// Pure. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6.
struct ServerSentEvents {
    /// One event.
    struct Event: Equatable, Sendable {
        /// What happened, `message` where the server does not say.
        var name: String
        /// Its lines, joined.
        var data: String
        /// The last id that the server gave so far.
        var id: String?
    }

    /// The last id seen: what to ask with after a reconnection.
    private(set) var lastID: String?
    private var line: [UInt8] = []
    private var endsWithReturn = false
    private var name = ""
    private var data: [String] = []

    /// Takes a piece in and returns the events that it completes.
    mutating func take(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            let isSecondHalf = endsWithReturn && byte == UInt8(ascii: "\n")
            endsWithReturn = byte == UInt8(ascii: "\r")
            if isSecondHalf { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let event = finishLine() { events.append(event) }
            } else {
                line.append(byte)
            }
        }
        return events
    }

    /// Forgets what a broken connection left unfinished; the last id stays.
    mutating func reconnected() {
        line = []
        endsWithReturn = false
        name = ""
        data = []
    }

    private mutating func finishLine() -> Event? {
        let text = String(decoding: line, as: UTF8.self)
        line.removeAll(keepingCapacity: true)
        guard !text.isEmpty else { return dispatch() }
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        var value = colon == text.endIndex ? "" : text[text.index(after: colon)...]
        if value.first == " " { value.removeFirst() }
        switch text[..<colon] {
        case "event": name = String(value)
        case "data": data.append(String(value))
        case "id" where !value.contains("\0"): lastID = String(value)
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            name = ""
            data = []
        }
        guard !data.isEmpty else { return nil }
        return Event(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"), id: lastID)
    }
}
