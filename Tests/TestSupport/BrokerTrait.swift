import FoundationEssentials
public import RabbitMQNode
public import Testing

/// Gives a suite a real RabbitMQ node.
///
/// Where RabbitMQ is not installed, the suite is skipped with the reason; with `REQUIRE_BROKER=1` in the environment
/// that is a failure instead.
public struct BrokerTrait: SuiteTrait, TestTrait, TestScoping {
    enum Kind {
        case shared
        case own([BrokerUser])
        case none
    }

    let kind: Kind

    /// Skips the suite where no node can run.
    public func prepare(for test: Test) async throws {
        guard let absence = RabbitMQNode.absence else { return }
        if ProcessInfo.processInfo.environment["REQUIRE_BROKER"] == "1" {
            throw NotInTime(description: absence)
        }
        try await ConditionTrait.disabled(Comment(rawValue: absence)).prepare(for: test)
    }

    /// Starts the node before the suite, ends a private one after it.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        switch kind {
        case .none:
            try await function()
        case .shared:
            let broker = try await SharedBroker.shared.node()
            try await BrokerNode.$inScope.withValue(broker) { try await function() }
        case .own(let users):
            let broker = try await BrokerNode.start(furtherUsers: users)
            do {
                try await BrokerNode.$inScope.withValue(broker) { try await function() }
            } catch {
                await broker.stop()
                throw error
            }
            await broker.stop()
        }
    }
}

extension Trait where Self == BrokerTrait {
    /// The suite uses the node that all suites of the process share; it must not hurt it.
    public static var broker: BrokerTrait { BrokerTrait(kind: .shared) }

    /// The suite has a node of its own, which it may stop, kill or pause; combine with `.serialized`.
    public static var privateBroker: BrokerTrait { BrokerTrait(kind: .own([])) }

    /// The same, with logins beside those of the shipped definitions.
    public static func privateBroker(furtherUsers: [BrokerUser]) -> BrokerTrait {
        BrokerTrait(kind: .own(furtherUsers))
    }

    /// The suite starts nodes by itself, through the programs that it runs.
    public static var brokerInstalled: BrokerTrait { BrokerTrait(kind: .none) }
}
