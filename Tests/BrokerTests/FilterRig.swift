import EventFilter
import RabbitMQ
import TestSupport
import Testing
import WorkQueue

extension FilterSchema {
    /// The body of a ``Probe``.
    static let probes = FilterSchema(bodyFields: [Field("number", .number)])
}

extension WorkerRig {
    /// A worker of the rig's service with filters.
    func filtering(
        filter: String? = nil,
        brokerFilter: String? = nil,
        outcomes: String? = nil
    ) throws -> Worker {
        Worker(
            service: service,
            handlers: [handler],
            settings: WorkerSettings(
                concurrency: 4,
                retry: retry,
                exchange: exchange,
                outcomesExchange: outcomes,
                filter: try filter.map { try EventFilter($0, schema: .probes) },
                brokerFilter: try brokerFilter.map { try BrokerFilter($0, schema: .probes) }
            ),
            broker: try .suite(),
            logger: quiet
        )
    }

    /// Publishes an event of a region, with the headers that every event has.
    func publish(id: String, region: String, number: Int = 1) async -> PublishOutcome {
        var properties = EnvelopeCodec.properties(
            id: id,
            type: Probe.eventType,
            source: "/probe",
            time: "2026-01-02T03:04:05Z",
            timestamp: 1_767_323_045,
            subject: id,
            traceparent: nil
        )
        properties.headers["region"] = .string(region)
        let message = OutgoingMessage(
            exchange: exchange,
            routingKey: "",
            properties: properties,
            body: Array(#"{"number":\#(number)}"#.utf8)
        )
        return await publisher.publish(message, within: .seconds(20))
    }

    /// A queue beside the service's that gets everything, so that nothing is unroutable.
    func declareNeighbour() async throws -> String {
        let queue = "\(service).neighbour"
        let topology = Topology(
            exchanges: [ExchangeDeclaration(exchange, kind: .fanout)],
            queues: [QueueDeclaration(queue, arguments: ["x-queue-type": "quorum"])],
            bindings: [Binding(exchange: exchange, queue: queue)]
        )
        try await inspector.apply(topology, within: .seconds(20))
        return queue
    }

    /// The ids that the handler saw.
    var handled: Set<String> { Set(handler.contexts.map(\.eventID)) }

    func isReady(_ worker: Worker) async throws {
        try await eventually("the worker is ready") { worker.isReady }
    }
}
