import RabbitMQ
import RabbitMQNode

/// Declares every exchange, queue and binding at a node of our own, as its operator, and again what somebody deletes.
///
/// The programs' logins may not. Ends when its task is cancelled.
struct TopologyKeeper: Sendable {
    let topology: Topology
    let printer: LogPrinter

    private let broker: BrokerSettings
    private let management: ManagementAPI
    /// Whether the definitions name ``defaultUser``, who then stays.
    private let keepsDefaultUser: Bool

    /// How long something may be missing: short beside the 5 s that a program waits between two looks.
    private static let interval = Duration.seconds(3)
    /// How long one look may take; a stop of `up` waits for it.
    private static let answerPatience = Duration.seconds(5)
    /// How long one declaration of everything may take.
    private static let patience = Duration.seconds(30)
    /// The user that RabbitMQ makes by itself, with a password that everybody knows.
    private static let defaultUser = "guest"

    /// Prepares to look after a node.
    ///
    /// - Throws: `NodeError` or `EndpointError` when its definitions or its address cannot be used.
    init(_ topology: Topology, of node: NodeSettings, printer: LogPrinter) throws {
        let endpoints = try Endpoint.parseList(node.url)
        self.topology = topology
        self.printer = printer
        broker = BrokerSettings(endpoints: endpoints, connectionName: "orderctl up")
        management = ManagementAPI(node.managementURL, as: endpoints[0], within: Self.answerPatience)
        keepsDefaultUser = try BrokerDefinitions(inFolder: node.configuration).users
            .contains(Self.defaultUser)
    }

    /// Works until it is cancelled.
    ///
    /// - Parameter declared: Called once, when everything is there for the first time.
    func run(declared: () -> Void) async {
        var said: String?
        var isDeclared = false
        while !Task.isCancelled {
            var problem: String?
            do {
                if isDeclared {
                    problem = try await mend()
                } else {
                    if !keepsDefaultUser { try await removeDefaultUser() }
                    try await declare()
                    isDeclared = true
                    declared()
                }
            } catch let error as RabbitMQError {
                problem = "\(error)"
            } catch {
                // Once it has worked, a broker that is away is said by whoever starts it again.
                problem = isDeclared ? said : (error as? CommandError)?.message ?? "\(error)"
            }
            if Task.isCancelled { return }
            if let problem, problem != said {
                printer.say("Exchanges and queues are not as they should be, looking again: \(problem)")
            }
            said = problem
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Declares again what is missing.
    ///
    /// - Returns: What is there but otherwise than it should be, which no declaration changes; nil for nothing.
    private func mend() async throws -> String? {
        let found = try await management.objects()
        let differences = TopologyCheck(expected: topology, found: found).differences
        let missing = differences.filter { $0.what == "existence" }.map(\.object)
        if !missing.isEmpty {
            try await declare()
            printer.say("Declared again: \(missing.joined(separator: ", ")).")
        }
        let others = differences.filter { $0.what != "existence" }
            .map { "\($0.object), \($0.what) is \($0.found) instead of \($0.expected)" }
        return others.isEmpty ? nil : others.joined(separator: "; ") + " (orderctl topology check)"
    }

    private func declare() async throws {
        try await BrokerSession.withOperator(broker) { broker in
            try await broker.apply(topology, within: Self.patience)
        }
    }

    private func removeDefaultUser() async throws {
        guard try await management.deleteUser(Self.defaultUser) else { return }
        printer.say("Deleted the broker's user \(Self.defaultUser): every program has a login of its own.")
    }
}
