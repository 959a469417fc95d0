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
        management = ManagementAPI(node.managementURL, as: endpoints[0])
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
            do {
                if isDeclared {
                    try await mend()
                } else {
                    if !keepsDefaultUser { try await removeDefaultUser() }
                    try await declare()
                    isDeclared = true
                    declared()
                }
                said = nil
            } catch {
                // Said once, and only before it worked: later a broker that is away is said by whoever starts it again.
                let reason = (error as? CommandError)?.message ?? "\(error)"
                if !isDeclared, !Task.isCancelled, reason != said {
                    printer.say("Exchanges and queues cannot be declared, trying again: \(reason)")
                    said = reason
                }
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func mend() async throws {
        let found = try await management.objects()
        let missing = TopologyCheck(expected: topology, found: found).differences
            .filter { $0.what == "existence" }.map(\.object)
        guard !missing.isEmpty else { return }
        try await declare()
        printer.say("Declared again: \(missing.joined(separator: ", ")).")
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
