import Curl
import Logging
import RabbitMQNode
import UnixSignals

/// Starts everything, keeps it running, and ends it in order.
struct Supervisor: Sendable {
    let plan: UpPlan
    /// What is declared before the programs start; nil where they declare it themselves.
    let keeper: TopologyKeeper?
    let printer: LogPrinter
    /// Called once when everything is ready.
    let announce: @Sendable (UpFile) -> Void

    private let table: ProcessTable
    private let node: RabbitMQNode?
    private let http = HTTPClient(connections: 4)

    /// How long everything may take to become ready: the broker's own 60 s, and as much for what it recovers.
    private static let startLimit = Duration.seconds(120)
    /// How long programs may take to end: the workers' drain of 25 s, and what closing takes.
    private static let stopLimit = Duration.seconds(35)

    init(
        plan: UpPlan,
        keeper: TopologyKeeper?,
        printer: LogPrinter,
        announce: @escaping @Sendable (UpFile) -> Void
    ) {
        self.plan = plan
        self.keeper = keeper
        self.printer = printer
        self.announce = announce
        let table = ProcessTable(directory: plan.directory)
        self.table = table
        if case .own(let settings) = plan.broker {
            node = RabbitMQNode(settings, logger: Logger(label: "orderctl")) { table.setNode($0, $1) }
        } else {
            node = nil
        }
    }

    /// Runs until a signal or a failure that makes going on senseless.
    ///
    /// On return nothing that it started runs any more.
    /// - Throws: ``CommandError`` for a failure.
    func run() async throws(CommandError) {
        let (events, continuation) = AsyncStream<UpEvent>.makeStream()
        let failure = await withTaskGroup(of: Void.self) { group in
            group.addTask { await forwardSignals(to: continuation) }
            let failure = await supervise(events, continuation)
            UpFile.remove(in: plan.directory)
            await stopEverything()
            group.cancelAll()
            return failure
        }
        Leftovers.forget(in: plan.directory)
        await printer.flush(within: .seconds(2))
        if let failure { throw failure }
    }

    /// The first signal ends everything in order, a second one at once.
    private func forwardSignals(to events: AsyncStream<UpEvent>.Continuation) async {
        var count = 0
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
            count += 1
            if count == 1 {
                printer.say("\nStopping; a second Ctrl-C does not wait for work in progress.")
                events.yield(.stop)
            } else {
                table.killAll()
            }
        }
    }

    /// Reacts to events until the end is wanted; the loops have ended on return, the processes have not.
    private func supervise(
        _ events: AsyncStream<UpEvent>,
        _ continuation: AsyncStream<UpEvent>.Continuation
    ) async -> CommandError? {
        await withTaskGroup(of: Void.self) { group in
            let report: @Sendable (UpEvent) -> Void = { continuation.yield($0) }
            group.addTask {
                if (try? await Task.sleep(for: Self.startLimit)) != nil { report(.late) }
            }
            if let node {
                printer.say("Starting RabbitMQ …")
                group.addTask {
                    await BrokerLoop(node: node, table: table, printer: printer, report: report).run()
                }
            } else {
                report(.brokerReady)
            }
            var isKept = false
            var areStarted = false
            var isAnnounced = false
            var failure: CommandError?
            events: for await event in events {
                switch event {
                case .brokerReady where !isKept:
                    isKept = true
                    guard let keeper else {
                        report(.topologyReady)
                        continue
                    }
                    group.addTask { await keeper.run { report(.topologyReady) } }
                case .topologyReady where !areStarted:
                    areStarted = true
                    for program in plan.programs {
                        let loop = ProgramLoop(
                            program: program,
                            workingDirectory: plan.workingDirectory,
                            table: table,
                            printer: printer,
                            http: http,
                            report: report
                        )
                        group.addTask { await loop.run() }
                    }
                case .brokerReady, .topologyReady, .changed:
                    failure = publish(&isAnnounced)
                case .failed(let error):
                    failure = error
                case .late:
                    if !isAnnounced { failure = lateness() }
                case .stop:
                    break events
                }
                if failure != nil { break }
            }
            group.cancelAll()
            return failure
        }
    }

    /// Keeps `up.json` true from the moment when everything is ready.
    private func publish(_ isAnnounced: inout Bool) -> CommandError? {
        guard isAnnounced || table.notReady(of: plan.programs.map(\.name)).isEmpty else { return nil }
        let file = UpFile(
            orderService: plan.orderService,
            rabbitmq: plan.broker.url,
            management: plan.broker.management,
            processes: table.listed
        )
        do {
            try file.save(in: plan.directory)
        } catch {
            return .settings("cannot write \(UpFile.path(in: plan.directory)): \(error)")
        }
        if !isAnnounced {
            isAnnounced = true
            announce(file)
        }
        return nil
    }

    private func lateness() -> CommandError {
        let names = table.notReady(of: plan.programs.map(\.name)).joined(separator: ", ")
        let broker = node == nil ? " Does the broker of RABBITMQ_URL answer?" : ""
        return .unavailable("Not ready after \(Self.startLimit): \(names).\(broker)")
    }

    /// The programs first, all at once, so that they can still finish their work at the broker.
    private func stopEverything() async {
        await withTaskGroup(of: Void.self) { group in
            for process in table.programs {
                group.addTask { await process.stop(within: Self.stopLimit) }
            }
        }
        await node?.stop()
    }
}
