import RabbitMQ
import Synchronization
import TestSupport
import Testing
import WorkQueue

/// A parcel as it is today: the first version had no unit, it was always grams.
private struct ParcelSent: EventPayload {
    static let eventType = "parcel.sent"
    static let eventVersion = 3

    let weight: Int
    let unit: String

    init(upcasting body: [UInt8], from version: Int) throws {
        guard version == 2 else { throw UndecodableMessage("version \(version) is not read any more") }
        guard let weight = Int(String(decoding: body, as: UTF8.self).filter(\.isNumber)) else {
            throw UndecodableMessage("no weight")
        }
        self.weight = weight
        unit = "g"
    }
}

private final class Scale: EventHandler {
    private let seen = Mutex<[String]>([])

    var parcels: [String] { seen.withLock { $0 } }

    func handle(_ event: ParcelSent, in context: DeliveryContext) async -> Verdict {
        seen.withLock { $0.append("\(event.weight) \(event.unit)") }
        return .done
    }
}

@Suite("Versions of an event on a real broker", .broker)
struct EventVersionTests {
    @Test("the present is read, an older one is upcast, a newer or forgotten one is dead with its version")
    func versions() async throws {
        let scale = Scale()
        let retry = try RetryPolicy(delays: [.milliseconds(100)])
        let worker = Worker(
            service: "parcels",
            handlers: [scale],
            settings: WorkerSettings(retry: retry, exchange: "parcels.events"),
            broker: try .suite(),
            logger: quiet
        )
        let publisher = Publisher(
            settings: try .suite(),
            topology: .service("parcels", of: "parcels.events", retry: retry),
            logger: quiet
        )
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, inspector, worker) {
            let bodies = [3: #"{"weight":5,"unit":"kg"}"#, 2: #"{"weight":750}"#, 4: "{}", 1: "7"]
            for (version, body) in bodies {
                let event = OutgoingEvent(
                    id: "parcel-\(version)",
                    type: ParcelSent.eventType,
                    version: version,
                    source: "/scale",
                    subject: "parcel",
                    at: 1_767_323_045_678,
                    body: Array(body.utf8)
                )
                let message = event.message(to: "parcels.events")
                #expect(await publisher.publish(message, within: .seconds(20)) == .confirmed)
            }
            try await eventually("two are read") { scale.parcels.count == 2 }
            #expect(Set(scale.parcels) == ["5 kg", "750 g"])
            let queue = DeadLetterQueue(service: "parcels", broker: inspector)
            try await eventually("two are dead") {
                try await inspector.queue("parcels.dead", within: .seconds(20))?.messages == 2
            }
            let letters = try await queue.collect(DeadLetterFilter())
            queue.release(letters)
            #expect(letters.map { $0.reason } == ["undecodable", "undecodable"])
            let errors = Dictionary(uniqueKeysWithValues: letters.map { ($0.id ?? "", $0.error ?? "") })
            #expect(errors["parcel-4"]?.contains("version 4 of parcel.sent is newer than 3") == true)
            #expect(errors["parcel-1"]?.contains("version 1 is not read any more") == true)
        }
    }
}
