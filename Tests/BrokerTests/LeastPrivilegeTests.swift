import FoundationEssentials
import OrderEvents
import RabbitMQ
import RabbitMQNode
import Synchronization
import TestSupport
import Testing
import WorkQueue

@Suite("Work with a service's own login", .serialized, .privateBroker(furtherUsers: [PermissionRig.loyalty]))
struct LeastPrivilegeTests {
    private func connections(
        _ service: String,
        delays: [Duration] = [.seconds(1)],
        _ duty: TopologyDuty? = nil
    ) throws -> WorkerConnections {
        WorkerConnections(
            service: service,
            settings: WorkerSettings(
                concurrency: 2,
                retry: try RetryPolicy(delays: delays),
                exchange: OrderEvents.exchangeName,
                outcomesExchange: OrderEvents.outcomesExchangeName
            ),
            broker: try PermissionRig().settings(service, duty),
            logger: quiet
        )
    }

    private func probe(_ number: Int) -> OutgoingMessage {
        var properties = MessageProperties(contentType: "application/json", deliveryMode: .persistent)
        properties.messageID = "event-\(number)"
        properties.type = Probe.eventType
        return OutgoingMessage(
            exchange: OrderEvents.exchangeName,
            routingKey: "",
            properties: properties,
            body: Array(#"{"number":\#(number)}"#.utf8)
        )
    }

    /// Waits until the worker says something of its connections.
    private func says(_ worker: Worker, _ text: String) async throws {
        try await eventually(within: .seconds(60), "the worker says \(text); it says \(worker.status)") {
            "\(worker.status)".contains(text)
        }
    }

    private func becomesReady(_ worker: Worker) async throws {
        try await eventually(within: .seconds(60), "the worker is ready; it says \(worker.status)") {
            worker.isReady
        }
    }

    @Test("a worker with empty hands asks only what its login may, and says who mends what is gone")
    func idle() async throws {
        let rig = try PermissionRig()
        let log = RecordingLog()
        let topology = Topology.service("inventory", of: OrderEvents.exchangeName, retry: .standard)
        let consumer = Consumer(
            settings: try rig.settings("inventory"),
            queue: "inventory",
            prefetch: 10,
            topology: topology,
            watchInterval: .milliseconds(200),
            logger: log.logger
        )
        try await rig.asOperator { person in
            try await person.apply(PermissionRig.topology(), within: .seconds(30))
            try await running(consumer) {
                try await eventually("all of its questions are answered, twice; it said \(log.lines)") {
                    consumer.answers >= 2
                }
                #expect(log.lines(containing: "Broker connection lost").isEmpty, "\(log.lines)")
                try await person.deleteExchange("inventory.failures", within: .seconds(20))
                try await eventually("it has asked; it said \(log.lines)") {
                    log.lines.contains { $0.contains("orderctl topology apply inventory: NOT_FOUND") }
                }
                try await person.apply(PermissionRig.topology(), within: .seconds(30))
                try await eventually("it works again") { consumer.status.isOpen }
            }
        }
    }

    @Test("every service does all of its work: done, tried again, dead-lettered, told, published")
    func wholeWork() async throws {
        let rig = try PermissionRig()
        let handlers = PermissionRig.workers.map { _ in
            ScriptedHandler { event, context in
                switch event.number {
                case 1: .done
                case 2: context.attempt == 1 ? .retry("not yet") : .done
                default: .deadLetter("never")
                }
            }
        }
        let all = try PermissionRig.workers.map { try connections($0) }
        let workers = zip(all, handlers).map { Worker($0, handlers: [$1]) }
        let publisher = Publisher(
            settings: try rig.settings("order-service"),
            topology: PermissionRig.topology(),
            logger: quiet
        )
        try await rig.asOperator { person in
            try await person.apply(PermissionRig.topology(), within: .seconds(30))
            try await running(workers[0], workers[1], workers[2], workers[3], publisher) {
                for number in 1...3 {
                    let outcome = await publisher.publish(probe(number), within: .seconds(30))
                    #expect(outcome == .confirmed)
                }
                var told: [Outcome] = []
                try await eventually(within: .seconds(60), "16 outcomes are told; they are \(told)") {
                    while let delivery = try await person.get(from: "order-service", within: .seconds(20)) {
                        told += try JSONDecoder().decode(OutcomeBatch.self, from: Data(delivery.body))
                            .outcomes
                        person.settle(delivery.tag, .acknowledge)
                    }
                    return told.count >= 16
                }
                let ways = Dictionary(grouping: told) { "\($0.eventID) \($0.state.rawValue)" }
                    .mapValues(\.count)
                #expect(
                    ways == [
                        "event-1 done": 4, "event-2 retrying": 4, "event-2 done": 4,
                        "event-3 dead-lettered": 4,
                    ]
                )
                for service in PermissionRig.workers {
                    let dead = try await person.queue("\(service).dead", within: .seconds(20))
                    #expect(dead?.messages == 1, "\(service)")
                }
                let rejected = OutgoingEvent(
                    id: "rejected-1",
                    type: "inventory.rejected",
                    source: "/inventory",
                    subject: "order-1",
                    at: 0,
                    body: Array("{}".utf8)
                )
                let inventory = all[PermissionRig.workers.firstIndex(of: "inventory") ?? 0].events
                #expect(await inventory.publish(rejected, within: .seconds(30)) == nil)
            }
        }
    }

    @Test(
        "an event that waits where there is no tier goes back to its own queue, not through the default exchange"
    )
    func requeued() async throws {
        let rig = try PermissionRig()
        let service = "loyalty"
        let seen = Mutex(0)
        let postponing = ScriptedHandler { _, _ in
            seen.withLock { seen in
                seen += 1
                return seen == 1 ? .postpone("later", after: .milliseconds(10)) : .done
            }
        }
        let worker = Worker(try connections(service, delays: []), handlers: [postponing])
        let publisher = Publisher(
            settings: try rig.settings("order-service"),
            topology: .events(exchange: OrderEvents.exchangeName),
            logger: quiet
        )
        try await rig.asOperator { person in
            let none = try RetryPolicy(delays: [])
            try await person.apply(PermissionRig.topology(), within: .seconds(30))
            try await person.apply(
                .service(service, of: OrderEvents.exchangeName, retry: none),
                within: .seconds(30)
            )
            try await running(worker, publisher) {
                #expect(await publisher.publish(probe(1), within: .seconds(30)) == .confirmed)
                try await eventually("it is handled twice") { seen.withLock { $0 } == 2 }
            }
        }
    }

    @Test("what is missing is said with the command that makes it, and the work begins once it is there")
    func missing() async throws {
        let rig = try PermissionRig()
        let handler = ScriptedHandler { _, _ in .done }
        let worker = Worker(try connections("loyalty"), handlers: [handler])
        try await rig.asOperator { person in
            try await person.apply(PermissionRig.topology(), within: .seconds(30))
            try await person.deleteQueue("loyalty.retry.1s", within: .seconds(20))
            try await running(worker) {
                try await says(worker, "queue loyalty.retry.1s is missing: orderctl topology apply loyalty")
                try await person.apply(PermissionRig.topology(), within: .seconds(30))
                try await becomesReady(worker)
                try await person.deleteQueue("loyalty", within: .seconds(20))
                try await says(worker, "queue loyalty is missing: orderctl topology apply loyalty")
                try await person.apply(PermissionRig.topology(), within: .seconds(30))
                try await becomesReady(worker)
                try await person.deleteExchange("loyalty.failures", within: .seconds(20))
                try await rig.broker.closeAllConnections()
                try await says(
                    worker,
                    "exchange loyalty.failures is missing: orderctl topology apply loyalty"
                )
                try await person.apply(PermissionRig.topology(), within: .seconds(30))
                try await becomesReady(worker)
            }
        }
    }

    @Test("a login that may not declare says what it lacks, and how to do without")
    func declaring() async throws {
        let worker = Worker(try connections("inventory", .declare), handlers: [])
        try await running(worker) {
            try await says(worker, "exchange orders.events: ACCESS_REFUSED")
            let hint =
                "the login needs configure on orders.events, or rabbitmq.topology=verify where an operator declares"
            #expect("\(worker.status)".contains(hint), "\(worker.status)")
        }
    }

    @Test("a permission that is taken away and a password that is changed are said and survived")
    func revoked() async throws {
        let rig = try PermissionRig()
        let worker = Worker(try connections("analytics"), handlers: [])
        try await rig.asOperator { try await $0.apply(PermissionRig.topology(), within: .seconds(30)) }
        func permit(read: String) async throws {
            let permissions = ServicePermissions(of: "analytics", publishingTo: ["orders.outcomes"])
            let body = """
                {"configure":"^$","write":"\(permissions.write.replacing("\\", with: "\\\\"))","read":"\(read)"}
                """
            let status = try await rig.management("PUT", "permissions/%2F/analytics", body)
            #expect([201, 204].contains(status))
        }
        func change(password: String) async throws {
            let body = #"{"password":"\#(password)","tags":""}"#
            let status = try await rig.management("PUT", "users/analytics", body)
            #expect([201, 204].contains(status))
        }
        try await running(worker) {
            try await becomesReady(worker)
            try await permit(read: "^$")
            try await rig.broker.closeAllConnections()
            try await says(worker, "the login needs read on analytics")
            try await permit(read: "^analytics$")
            try await becomesReady(worker)

            try await change(password: "another")
            try await rig.broker.closeAllConnections()
            try await says(worker, "the broker refused to log in: 403")
            try await change(password: rig.broker.node.settings.logins.password(of: "analytics") ?? "")
            try await becomesReady(worker)
        }
    }
}
