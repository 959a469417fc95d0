internal import Confinement

/// A client's connection and the one that goes on to the server.
///
/// Lives on the proxy's thread.
final class ProxiedConnection {
    private let client: LoopbackStream
    private let server: LoopbackStream
    private var toServer: FlowMachine
    private var toClient: FlowMachine
    private var isConnecting = true
    /// Bytes handed on in each direction since the last look.
    private var passed = (toServer: 0, toClient: 0)
    private(set) var isOver = false

    /// Most bytes read in one turn, so that one busy connection does not hold up the others.
    private static let bytesPerTurn = 64 << 10

    init(client: LoopbackStream, server: LoopbackStream, _ treatments: Treatments, at now: Deadline) {
        self.client = client
        self.server = server
        toServer = FlowMachine(treatments.toServer, at: now)
        toClient = FlowMachine(treatments.toClient, at: now)
    }

    /// The wire changes.
    func treat(_ treatments: Treatments, at now: Deadline) {
        toServer.treat(treatments.toServer, at: now)
        toClient.treat(treatments.toClient, at: now)
    }

    /// Ends one direction; the other goes on.
    func halfClose(_ direction: Direction) {
        switch direction {
        case .toServer: toServer.halfClosed()
        case .toClient: toClient.halfClosed()
        }
    }

    /// Resets both sides.
    func cut() {
        guard !isOver else { return }
        isOver = true
        client.resetOnClose()
        server.resetOnClose()
    }

    /// Hands on what is due; an error of one side resets the other, as the end of the one process would.
    func advance(at now: Deadline) {
        guard !isConnecting, !isOver else { return }
        passed.toServer += drain(&toServer, into: server, at: now)
        passed.toClient += drain(&toClient, into: client, at: now)
        if toServer.isOver, toClient.isOver { isOver = true }
    }

    private func drain(_ flow: inout FlowMachine, into stream: LoopbackStream, at now: Deadline) -> Int {
        var total = 0
        while total < Self.bytesPerTurn, !isOver {
            let bytes = flow.due(at: now)
            guard !bytes.isEmpty else { break }
            guard let count = stream.send(bytes) else {
                cut()
                return total
            }
            guard count > 0 else { break }
            flow.sent(count, at: now)
            total += count
        }
        if flow.mustCut { cut() }
        if flow.mustEnd, !isOver {
            stream.endWriting()
            flow.endTold()
        }
        return total
    }

    /// Watches what can make it go on: room for bytes to come, or a full socket's room for bytes that are due.
    func watch(with poll: inout PollSet, at now: Deadline) -> (client: Int, server: Int) {
        guard !isConnecting else {
            return (poll.watch(client, []), poll.watch(server, .writable))
        }
        var interest = (client: PollSet.Interest(), server: PollSet.Interest())
        if toServer.room > 0 { interest.client.insert(.readable) }
        if toClient.room > 0 { interest.server.insert(.readable) }
        if !toServer.due(at: now).isEmpty { interest.server.insert(.writable) }
        if !toClient.due(at: now).isEmpty { interest.client.insert(.writable) }
        return (poll.watch(client, interest.client), poll.watch(server, interest.server))
    }

    /// When time alone makes it go on.
    var nextDeadline: Deadline? {
        [toServer.nextDeadline, toClient.nextDeadline].compactMap(\.self).min()
    }

    /// Takes what came.
    func read(_ poll: PollSet, _ places: (client: Int, server: Int), at now: Deadline) {
        if isConnecting {
            guard poll.isReady(places.server) else { return }
            isConnecting = false
            if !server.isConnected { cut() }
            return
        }
        if poll.isReady(places.client) { fill(&toServer, from: client, at: now) }
        if poll.isReady(places.server) { fill(&toClient, from: server, at: now) }
    }

    private func fill(_ flow: inout FlowMachine, from stream: LoopbackStream, at now: Deadline) {
        guard flow.room > 0, !isOver else { return }
        switch stream.receive(upTo: min(flow.room, Self.bytesPerTurn)) {
        case .bytes(let bytes): flow.received(bytes, at: now)
        case .nothing: break
        case .end: flow.sourceEnded()
        case .failed: cut()
        }
    }

    /// Takes the count of bytes handed on since the last call.
    func takePassed() -> (toServer: Int, toClient: Int) {
        defer { passed = (0, 0) }
        return passed
    }
}

/// What the wire does in each direction.
struct Treatments {
    var toServer = Treatment.pass
    var toClient = Treatment.pass
}
