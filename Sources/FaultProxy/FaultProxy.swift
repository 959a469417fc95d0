internal import Confinement
internal import RabbitMQNode
internal import Synchronization

/// A TCP proxy on 127.0.0.1 whose wire can be broken and mended at any moment.
///
/// Clients connect to ``port`` and are led to the server's port, up to 512 at once. A fault holds for the connections
/// that are open and for those to come, until ``heal()`` or another one. Each call returns when it is in force; after
/// the proxy has stopped it does nothing.
///
/// For tests and for `orderctl soak`; knows nothing of the protocol it carries.
public final class FaultProxy: Sendable {
    /// Where clients connect.
    public let port: UInt16

    private let listener: ListeningSocket
    private let mailbox = Mailbox<ProxyLoop.Command>(capacity: 1024)
    private let seen = Mutex(Traffic())
    private let upstream: UInt16

    /// Opens a free port; connections wait there until ``run()``.
    ///
    /// - Parameter upstream: The server's port on 127.0.0.1; nobody need listen there yet.
    /// - Throws: `NodeError` of kind `noPort`.
    public init(upstream: UInt16) throws {
        let port = try FreePort.reserve()
        guard let listener = ListeningSocket(port: port) else {
            throw NodeError(.noPort, "the port \(port) was taken at the last moment")
        }
        self.port = port
        self.listener = listener
        self.upstream = upstream
    }

    /// Carries until ``stop()`` or cancellation, on a thread of its own; then resets every connection.
    ///
    /// Called once.
    /// - Throws: `ConfinedThread.Unavailable`.
    public func run() async throws {
        try await withTaskCancellationHandler {
            try await ConfinedThread.run(named: "fault-proxy") { [self] in
                var loop = ProxyLoop(listener, upstream: upstream, mailbox: mailbox) { [self] traffic in
                    seen.withLock { $0 = traffic }
                }
                loop.run()
            }
        } onCancel: {
            stop()
        }
    }

    /// Makes ``run()`` return; any task.
    public func stop() {
        _ = mailbox.offer(.stop, isUrgent: true)
    }

    /// Runs a proxy around the body.
    ///
    /// - Parameters:
    ///   - upstream: As for ``init(upstream:)``.
    ///   - body: Uses the proxy, which is stopped when it returns or throws.
    /// - Returns: What the body returned.
    /// - Throws: What the body threw; otherwise as ``init(upstream:)`` and ``run()``.
    public static func with<Result>(
        upstream: UInt16,
        _ body: (FaultProxy) async throws -> Result
    ) async throws -> Result {
        let proxy = try FaultProxy(upstream: upstream)
        async let running: Void = proxy.run()
        do {
            let result = try await body(proxy)
            proxy.stop()
            try await running
            return result
        } catch {
            proxy.stop()
            try? await running
            throw error
        }
    }

    /// What it has carried so far; any task, reads memory only.
    public var traffic: Traffic { seen.withLock { $0 } }
}

extension FaultProxy {
    /// Changes what the wire does to bytes, of open connections and of those to come.
    ///
    /// - Parameters:
    ///   - treatment: What to do.
    ///   - directions: Where; the other direction stays as it is. Both by default.
    public func treat(_ treatment: Treatment, _ directions: Set<Direction> = [.toServer, .toClient]) async {
        _ = await change(.treat(treatment, directions))
    }

    /// Ends one direction of every open connection (FIN); the other direction goes on.
    ///
    /// What the sender still sends that way vanishes.
    public func halfClose(_ direction: Direction) async {
        _ = await change(.halfClose(direction))
    }

    /// Resets every open connection on both sides (RST); new ones are let in.
    ///
    /// - Returns: How many there were.
    @discardableResult
    public func cut() async -> Int {
        await change(.cut)
    }

    /// Refuses new connections as a port does where nobody listens; open ones stay.
    public func refuseConnections() async {
        _ = await change(.refuse)
    }

    /// Lets new connections in again.
    public func acceptConnections() async {
        _ = await change(.accept)
    }

    /// Leads new connections to another port; open ones stay where they are.
    public func redirect(to upstream: UInt16) async {
        _ = await change(.redirect(upstream))
    }

    /// Passes everything, both ways, and lets new connections in; what was stalled goes on.
    public func heal() async {
        _ = await change(.heal)
    }

    private func change(_ change: ProxyLoop.Change) async -> Int {
        let reply = OnceReply<Int>(to: "a change of the wire")
        if mailbox.offer(.change(change, reply)) != .accepted { reply.answer(0) }
        return await reply.value() ?? 0
    }
}
