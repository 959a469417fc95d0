import FoundationEssentials
import Glibc
public import Logging
import SystemPackage

/// One RabbitMQ server as plain child processes: the Erlang VM and a port mapper (epmd) of its own.
///
/// Everything listens on 127.0.0.1 only. Works as root and as any other user, beside other nodes. Data survives
/// ``stop()``, ``kill()`` and a new instance on the same directory. One start or stop at a time: callers of an actor
/// that suspends must not overlap them.
public actor RabbitMQNode {
    /// How the node is set up.
    public nonisolated let settings: NodeSettings

    private let files: NodeFiles
    private let logger: Logger
    private let started: @Sendable (String, Int32) -> Void
    private var server: ChildProcess?
    private var portMapper: ChildProcess?

    /// Creates a node without starting anything.
    ///
    /// - Parameters:
    ///   - settings: How it is set up.
    ///   - logger: Told when it is ready.
    ///   - started: Told name and id of each process at once, so that a crash of this program leaves none unknown.
    public init(
        _ settings: NodeSettings,
        logger: Logger,
        started: @escaping @Sendable (_ name: String, _ pid: Int32) -> Void = { _, _ in }
    ) {
        self.settings = settings
        self.logger = logger
        self.started = started
        files = NodeFiles(settings: settings)
    }

    private static let serverPath: FilePath = "/usr/lib/rabbitmq/bin/rabbitmq-server"
    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Why no node can run on this machine, with what to do about it; `nil` when one can.
    public static var absence: String? {
        FileManager.default.isExecutableFile(atPath: serverPath.string)
            ? nil : "RabbitMQ is not installed; on Debian: apt-get install rabbitmq-server"
    }

    /// The AMQP address with the operator's login.
    public nonisolated var url: String { settings.url }

    /// The management UI's and HTTP API's address.
    public nonisolated var managementURL: String { settings.managementURL }

    /// The process id of the Erlang VM, `nil` while none runs.
    public var pid: Int32? { server.flatMap { $0.isRunning ? $0.pid : nil } }

    /// Every process id that belongs to the node now.
    public var pids: [Int32] { [server, portMapper].compactMap { $0 }.filter(\.isRunning).map(\.pid) }

    /// Starts the node and returns once a login and the management API answer.
    ///
    /// - Throws: ``NodeError`` with the end of the node's log; then no process of it is left.
    public func start() async throws(NodeError) {
        if let absence = Self.absence { throw NodeError(.notInstalled, absence) }
        guard pid == nil else { return }
        try files.prepare()
        let environment = files.environment(path: Self.path)
        try await startPortMapper(environment)
        let server = try await ChildProcess.start(
            ChildCommand(
                executable: Self.serverPath,
                environment: environment,
                workingDirectory: files.home,
                output: .file(files.output)
            )
        )
        self.server = server
        started("rabbitmq", server.pid)
        do {
            try await becomeReady(server)
        } catch {
            await kill()
            throw error
        }
        logger.debug(
            "RabbitMQ node is ready",
            metadata: ["pid": "\(server.pid)", "port": "\(settings.ports.amqp)"]
        )
    }

    /// In the foreground, so that it is our child and ends when we say, not a daemon that the VM leaves behind.
    private func startPortMapper(_ environment: [String: String]) async throws(NodeError) {
        if settings.cluster != nil { return }
        if let portMapper, portMapper.isRunning { return }
        let portMapper = try await ChildProcess.start(
            ChildCommand(
                executable: "/usr/bin/epmd",
                arguments: ["-port", String(settings.ports.epmd), "-address", "127.0.0.1"],
                environment: environment,
                output: .file(files.output)
            )
        )
        self.portMapper = portMapper
        started("epmd", portMapper.pid)
    }

    private func becomeReady(_ server: ChildProcess) async throws(NodeError) {
        let limit = ContinuousClock.now.advanced(by: settings.startDeadline)
        let (user, password) = (settings.user, settings.password)
        while ContinuousClock.now < limit, !Task.isCancelled {
            if let exit = server.exit {
                throw NodeError(.died, "RabbitMQ ended while starting (\(exit)):\n\(files.logTail())")
            }
            if await Probe.answersLogin(port: settings.ports.amqp, user: user, password: password),
                await Probe.answersHTTP(port: settings.ports.management)
            {
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        throw NodeError(
            .notReady,
            "RabbitMQ was not ready within \(settings.startDeadline):\n\(files.logTail())"
        )
    }

    /// Waits until the Erlang VM has ended, at once when none runs.
    ///
    /// - Returns: How it ended, or `nil` when it never ran or the waiting task was cancelled.
    public func waitForExit() async -> ChildProcess.Exit? {
        await server?.waitForExit()
    }

    /// Stops the node in order, by force after the stop deadline.
    ///
    /// On return no process of it is left.
    public func stop() async {
        // A paused node cannot see SIGTERM.
        server?.sendToGroup(SIGCONT)
        await server?.stop(within: settings.stopDeadline)
        await endRest()
    }

    /// Ends the node with SIGKILL, as a crash would; what was confirmed is kept on disk.
    ///
    /// On return no process of it is left.
    public func kill() async {
        await server?.kill()
        await endRest()
    }

    private func endRest() async {
        server = nil
        await portMapper?.kill()
        portMapper = nil
    }

    /// Stops the node and starts it again on the same data and ports.
    public func restart() async throws(NodeError) {
        await stop()
        try await start()
    }

    /// Freezes the Erlang VM (SIGSTOP): connections stay open, nothing answers.
    public func pause() {
        server?.send(SIGSTOP)
    }

    /// Lets a frozen Erlang VM go on.
    public func resume() {
        server?.send(SIGCONT)
    }

    /// Runs `rabbitmqctl` against this node; takes 1…3 s.
    ///
    /// - Returns: What it printed.
    /// - Throws: ``NodeError`` of kind `commandFailed` with what it printed, also after `deadline`.
    public func rabbitmqctl(
        _ arguments: [String],
        within deadline: Duration = .seconds(30)
    ) async throws(NodeError) -> String {
        let lines = OutputLines()
        let command = ChildCommand(
            executable: "/usr/lib/rabbitmq/bin/rabbitmqctl",
            arguments: ["--quiet"] + arguments,
            environment: files.environment(path: Self.path),
            output: .lines { lines.append($0) }
        )
        let process = try await ChildProcess.start(command)
        let exit = await process.waitForExit(within: deadline)
        await process.kill()
        let text = lines.all.joined(separator: "\n")
        guard exit == .code(0) else {
            let ending = exit.map(String.init(describing:)) ?? "no answer within \(deadline)"
            throw NodeError(.commandFailed, "rabbitmqctl \(arguments.first ?? ""): \(ending)\n\(text)")
        }
        return text
    }
}
