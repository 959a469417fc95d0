import FoundationEssentials

/// Finds the handler of an event and decodes its body.
struct HandlerTable: Sendable {
    /// What became of an event in this process.
    enum Result: Equatable, Sendable {
        case verdict(Verdict)
        /// Nobody here handles this type; another service may.
        case unknownType
        /// The body is not what the type promises.
        case undecodable(FailureNote)
    }

    private let handlers: [String: any EventHandler]

    /// - Precondition: One handler a type.
    init(_ handlers: [any EventHandler]) {
        self.handlers = Dictionary(handlers.map { (Self.type(of: $0), $0) }) { _, _ in
            preconditionFailure("two handlers for one event type")
        }
    }

    /// Runs the handler of the event.
    func apply(_ envelope: EventEnvelope) async -> Result {
        guard let handler = handlers[envelope.type] else { return .unknownType }
        return await Self.apply(envelope, with: handler)
    }

    private static func apply<Handler: EventHandler>(
        _ envelope: EventEnvelope,
        with handler: Handler
    ) async -> Result {
        let event: Handler.Event
        do {
            event = try decode(Handler.Event.self, envelope)
        } catch let error as UndecodableMessage {
            return .undecodable(FailureNote(error.description))
        } catch {
            return .undecodable(FailureNote("the body is no \(envelope.type): \(reason(error))"))
        }
        return .verdict(await handler.handle(event, in: DeliveryContext(envelope: envelope)))
    }

    private static func decode<Event: EventPayload>(
        _ type: Event.Type,
        _ envelope: EventEnvelope
    ) throws -> Event {
        guard envelope.version <= type.eventVersion else {
            throw UndecodableMessage(
                "version \(envelope.version) of \(envelope.type) is newer than \(type.eventVersion), the newest known here"
            )
        }
        guard envelope.version == type.eventVersion else {
            try EventBody.check(envelope.body)
            return try Event(upcasting: envelope.body, from: envelope.version)
        }
        return try EventBody.decode(type, from: envelope.body)
    }

    private static func type<Handler: EventHandler>(of handler: Handler) -> String {
        Handler.Event.eventType
    }

    /// Where and why, without a value of the body.
    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "not readable" }
        let (what, context): (String, DecodingError.Context) =
            switch error {
            case .typeMismatch(let type, let context): ("expected \(type)", context)
            case .valueNotFound(_, let context): ("no value", context)
            case .keyNotFound(let key, let context): ("no field \(key.stringValue)", context)
            case .dataCorrupted(let context): ("not valid JSON or not an allowed value", context)
            @unknown default: ("not readable", DecodingError.Context(codingPath: [], debugDescription: ""))
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? what : "\(path): \(what)"
    }
}
