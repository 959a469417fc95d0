internal import Confinement

/// The body of the proxy's thread.
///
/// A turn: take commands, hand on what is due, sleep, take what came. It sleeps in one place and no call in it blocks.
struct ProxyLoop: ~Copyable {
    /// What tasks ask for; each is answered with how many connections it concerned.
    enum Change: Sendable {
        case treat(Treatment, Set<Direction>)
        case halfClose(Direction)
        case cut
        case refuse
        case accept
        case redirect(UInt16)
        case heal
    }

    /// What reaches the thread through its mailbox.
    enum Command: Sendable {
        case change(Change, OnceReply<Int>)
        case stop
    }

    /// Most connections at once; further ones wait in the kernel's queue.
    static let connectionLimit = 512

    private let listener: ListeningSocket
    private let mailbox: Mailbox<Command>
    private let report: (Traffic) -> Void
    private var upstream: UInt16
    private var treatments = Treatments()
    private var connections: [ProxiedConnection] = []
    private var traffic = Traffic()
    private var isOver = false

    init(
        _ listener: ListeningSocket,
        upstream: UInt16,
        mailbox: Mailbox<Command>,
        report: @escaping (Traffic) -> Void
    ) {
        self.listener = listener
        self.upstream = upstream
        self.mailbox = mailbox
        self.report = report
    }

    /// Runs until it is told to stop; then every connection is reset.
    mutating func run() {
        while !isOver {
            var commands: [Command] = []
            mailbox.takeAll(into: &commands)
            for command in commands { obey(command) }
            advance()
            guard !isOver else { break }
            turn()
        }
        for connection in connections { connection.cut() }
        connections = []
        listener.refuse()
        for case .change(_, let reply) in mailbox.close() { reply.answer(0) }
        tell()
    }

    private mutating func obey(_ command: Command) {
        switch command {
        case .change(let change, let reply):
            let count = obey(change)
            tell()
            reply.answer(count)
        case .stop:
            isOver = true
        }
    }

    private mutating func obey(_ change: Change) -> Int {
        switch change {
        case .treat(let treatment, let directions):
            if directions.contains(.toServer) { treatments.toServer = treatment }
            if directions.contains(.toClient) { treatments.toClient = treatment }
            retreat()
        case .halfClose(let direction):
            for connection in connections { connection.halfClose(direction) }
            advance()
        case .cut:
            let count = connections.count
            for connection in connections { connection.cut() }
            connections = []
            return count
        case .refuse: listener.refuse()
        case .accept: listener.accept()
        case .redirect(let port): upstream = port
        case .heal:
            treatments = Treatments()
            retreat()
            listener.accept()
        }
        return connections.count
    }

    private func retreat() {
        let now = Deadline.now
        for connection in connections { connection.treat(treatments, at: now) }
    }

    private mutating func advance() {
        let now = Deadline.now
        for connection in connections {
            connection.advance(at: now)
            let passed = connection.takePassed()
            traffic.bytesToServer += passed.toServer
            traffic.bytesToClient += passed.toClient
        }
        connections.removeAll(where: \.isOver)
        tell()
    }

    private mutating func turn() {
        var poll = PollSet()
        let now = Deadline.now
        _ = poll.watch(mailbox.wake)
        let canAccept = listener.isListening && connections.count < Self.connectionLimit
        let door = poll.watch(listener, canAccept ? .readable : [])
        let places = connections.map { $0.watch(with: &poll, at: now) }
        poll.sleep(until: connections.compactMap(\.nextDeadline).min())
        let after = Deadline.now
        for (connection, place) in zip(connections, places) { connection.read(poll, place, at: after) }
        if poll.isReady(door) { welcome(at: after) }
    }

    /// Takes one client in; a server that cannot be reached resets it.
    private mutating func welcome(at now: Deadline) {
        guard let client = listener.next() else { return }
        traffic.accepted += 1
        guard let server = LoopbackStream(connectingTo: upstream) else {
            client.resetOnClose()
            return
        }
        connections.append(ProxiedConnection(client: client, server: server, treatments, at: now))
    }

    private mutating func tell() {
        traffic.open = connections.count
        report(traffic)
    }
}
