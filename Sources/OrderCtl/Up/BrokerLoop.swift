import RabbitMQNode

/// Keeps the private broker running until its task is cancelled; then the node still runs.
struct BrokerLoop: Sendable {
    let node: RabbitMQNode
    let table: ProcessTable
    let printer: LogPrinter
    let report: @Sendable (UpEvent) -> Void

    func run() async {
        var policy = RestartPolicy()
        while !Task.isCancelled {
            let started = ContinuousClock.now
            var ending: String
            do {
                try await node.start()
                table.noteReady("rabbitmq")
                report(.brokerReady)
                guard let exit = await node.waitForExit() else { return }
                table.setNode("rabbitmq", nil)
                report(.changed)
                ending = "ended (\(exit))"
            } catch {
                if Task.isCancelled { return }
                guard table.wasReady("rabbitmq") else {
                    return report(.failed(.unavailable("\(error)")))
                }
                ending = "could not be started: \(error)"
            }
            let delay = policy.ended(after: started.duration(to: .now), roll: .random(in: 0...1))
            printer.say("RabbitMQ \(ending); it is started again on the same data.")
            try? await Task.sleep(for: delay)
        }
    }
}
