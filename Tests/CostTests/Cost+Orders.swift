import EventFilter
import EventLog
import RabbitMQ
import ServiceKit
import WorkQueue

@testable import OrderService

extension Cost {
    /// The body of a request into a draft.
    static var orderParsing: Cost {
        Cost(name: "order parse") { count in
            for _ in 0..<count {
                var problems: [FieldProblem] = []
                _ = OrderDraft.read(try JSONMembers(Sample.request), problems: &problems)
            }
        }
    }

    /// An order into the answer.
    static var orderRendering: Cost {
        let order = Sample.order
        return Cost(name: "order render") { count in
            for _ in 0..<count { _ = OrderDocument.success(order) }
        }
    }

    /// An order into the message that tells of it.
    static var envelopeEncoding: Cost {
        let order = Sample.order
        return Cost(name: "envelope encode") { count in
            for _ in 0..<count { _ = OutgoingMessage(telling: order) }
        }
    }

    /// An event past a filter.
    static func filter() throws -> Cost {
        let filter = try EventFilter(#"total >= 100 && product_id in [1, 2]"#, schema: .orderEvents)
        let envelope = try EnvelopeCodec.decode(Sample.delivered())
        return Cost(name: "filter") { count in
            for _ in 0..<count { _ = filter.accepts(envelope) }
        }
    }
}
