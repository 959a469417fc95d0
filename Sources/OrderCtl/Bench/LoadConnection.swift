/// One connection of a load, with at most one request under way.
///
/// Lives on the load's thread.
final class LoadConnection {
    /// Where it stands.
    ///
    ///     closed ──▶ connecting ──▶ idle ⇄ waiting
    ///        ▲            │          │        │
    ///        └────────────┴──────────┴────────┘
    enum Phase {
        /// To be opened when that time has come.
        case closed(until: Int64)
        case connecting(since: Int64)
        case idle
        /// For the answer to a request that was meant to be sent then.
        case waiting(intended: Int64, since: Int64)
    }

    /// What came of reading.
    enum Reading {
        case incomplete
        case answer(HTTPAnswer)
        case failed(LoadRecord.Failure)
    }

    private(set) var phase = Phase.closed(until: 0)
    private var stream: NonBlockingStream?
    private var buffer = [UInt8](repeating: 0, count: LoadConnection.largestAnswer)
    private var filled = 0
    private var request: [UInt8] = []
    private var sent = 0

    /// Bytes of an answer that are kept; a longer one is malformed.
    static let largestAnswer = 16_384

    /// Opens it; nil where the system refuses at once.
    func open(to address: ServerAddress, at now: Int64) -> NonBlockingStream? {
        filled = 0
        request = []
        stream = NonBlockingStream(connectingTo: address)
        phase = stream == nil ? .closed(until: now) : .connecting(since: now)
        return stream
    }

    /// Whether it stands, and nothing is asked of it.
    var isIdle: Bool {
        if case .idle = phase { true } else { false }
    }

    /// The attempt to connect has ended; whether it succeeded.
    func isConnected() -> Bool {
        guard let stream, stream.isConnected else { return false }
        phase = .idle
        return true
    }

    /// Closes it, to be opened again then.
    func close(until time: Int64) {
        stream = nil
        phase = .closed(until: time)
    }

    /// Sends a request.
    ///
    /// - Returns: Whether the connection stands.
    func send(_ bytes: [UInt8], intended: Int64, at now: Int64) -> Bool {
        request = bytes
        sent = 0
        filled = 0
        phase = .waiting(intended: intended, since: now)
        return flush()
    }

    /// Sends what is left of the request.
    ///
    /// - Returns: Whether the connection stands.
    func flush() -> Bool {
        guard let stream else { return false }
        while sent < request.count {
            guard let count = stream.send(request, from: sent) else { return false }
            if count == 0 { return true }
            sent += count
        }
        return true
    }

    /// Reads what is there.
    ///
    /// - Parameter hasEnded: Whether the end, or an error, has been announced: then the end is looked for.
    /// - Returns: The answer, where it is whole.
    func read(hasEnded: Bool) -> Reading {
        guard let stream else { return .failed(.broken) }
        while true {
            guard filled < buffer.count else { return .failed(.malformed) }
            let room = buffer.count - filled
            switch stream.receive(into: &buffer, from: filled) {
            case .bytes(let count):
                filled += count
                // A socket that gave less than was asked for is empty, unless its end stands behind.
                if count == room || hasEnded { continue }
                return answer(hasEnded: false)
            case .nothing: return answer(hasEnded: false)
            case .ended: return answer(hasEnded: true)
            }
        }
    }

    /// The answer to the request is read.
    func becomeIdle() {
        phase = .idle
    }

    private func answer(hasEnded: Bool) -> Reading {
        do throws(HTTPAnswer.Malformed) {
            guard var answer = try HTTPAnswer.read(buffer, count: filled) else {
                return hasEnded ? .failed(.broken) : .incomplete
            }
            answer.closes = answer.closes || hasEnded
            return .answer(answer)
        } catch {
            return .failed(.malformed)
        }
    }
}
