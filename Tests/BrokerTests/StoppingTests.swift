import RabbitMQ
import RabbitMQNode
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import WorkQueue

@Suite("A worker that stops while the broker takes nothing", .privateBroker, .serialized)
struct StoppingTests {
    /// Has a worker finish an event whose outcome cannot be told, and stops it.
    private func stop(
        _ service: String,
        while trouble: (BrokerNode) async throws -> Void,
        end: (BrokerNode) async throws -> Void
    ) async throws {
        let broker = try BrokerNode.current()
        let gate = Gate()
        let rig = try WorkerRig(service, outcomes: "\(service).outcomes") { _, _ in
            await gate.wait()
            return .done
        }
        try await rig.run {
            #expect(await rig.publish(id: "told to nobody") == .confirmed)
            let group = ServiceGroup(services: [try rig.worker(drain: .seconds(1))], logger: quiet)
            let hasEnded = Flag()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await group.run()
                    hasEnded.raise()
                }
                try await eventually("it is in hand") { rig.handler.contexts.count == 1 }
                try await trouble(broker)
                gate.open()
                await group.triggerGracefulShutdown()
                do {
                    try await eventually(within: .seconds(20), "the worker has ended") { hasEnded.isRaised }
                } catch {
                    tasks.cancelAll()
                    Issue.record(error)
                }
                try await end(broker)
                try await tasks.waitForAll()
            }
        }
    }

    @Test("an alarm keeps it no longer than it gives itself for closing")
    func alarm() async throws {
        try await stop("alarm") { broker in
            try await broker.setMemoryAlarm(true)
        } end: { broker in
            try await broker.setMemoryAlarm(false)
        }
    }

    @Test("with empty hands a frozen broker does not keep it until the drain deadline")
    func frozenIdle() async throws {
        let broker = try BrokerNode.current()
        let rig = try WorkerRig("idle") { _, _ in .done }
        try await rig.run {
            // The broker's own limit: its silence is noticed after a minute.
            let worker = try rig.worker(drain: .seconds(3_600), heartbeat: .seconds(30))
            let group = ServiceGroup(services: [worker], logger: quiet)
            let hasEnded = Flag()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await group.run()
                    hasEnded.raise()
                }
                try await eventually("it works") { worker.isReady }
                await broker.node.pause()
                await group.triggerGracefulShutdown()
                do {
                    try await eventually(within: .seconds(40), "the worker has ended") { hasEnded.isRaised }
                } catch {
                    tasks.cancelAll()
                    Issue.record(error)
                }
                await broker.node.resume()
                try await tasks.waitForAll()
            }
        }
    }

    @Test("a frozen broker keeps it no longer than the drain deadline and that")
    func frozen() async throws {
        try await stop("frozen") { broker in
            await broker.node.pause()
        } end: { broker in
            await broker.node.resume()
        }
    }
}

/// Whether something has happened.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }

    func raise() { state.withLock { $0 = true } }
}
