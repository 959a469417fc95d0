import Hummingbird
import OrderEvents

/// One order's journey as Server-Sent Events: what is known, then what becomes known.
///
/// Every entry has its number as `id`, so that a client that comes back with `Last-Event-ID` gets what it missed and
/// nothing twice. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
struct JourneyStream: Sendable {
    /// How long a client waits before it comes back, in milliseconds.
    static let retry = 2_000

    let order: String
    let subscription: JourneySubscription
    let store: JourneyStore
    /// The last entry that the client has.
    let lastNumber: Int64

    /// The answer; it ends when the client leaves, reads too slowly, or the program stops.
    func response(to request: Request) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // A client that goes away cancels this, so that its place is free at once.
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await write(to: &writer)
                }
                try await writer.finish(nil)
            }
        )
    }

    @concurrent private func write(to writer: inout any ResponseBodyWriter) async throws {
        // The subscription is older than what is read from the table, so that nothing falls between the two.
        var last = lastNumber
        try await writer.write(ByteBuffer(string: "retry: \(Self.retry)\n\n"))
        try await catchUp(&last, &writer)
        for await signal in subscription.outlet.signals {
            switch signal {
            case .beat:
                try await writer.write(ByteBuffer(string: ": \n\n"))
                subscription.outlet.clientTook()
            case .look:
                // Before the reading, so that what is kept meanwhile is looked for again.
                subscription.outlet.lookWasRead()
            }
            // Also with a sign of life: another process on the same database may have kept some.
            try await catchUp(&last, &writer)
        }
    }

    @concurrent private func catchUp(_ last: inout Int64, _ writer: inout any ResponseBodyWriter) async throws
    {
        while true {
            let entries = try await store.entries(of: order, after: last)
            for entry in entries {
                try await writer.write(Self.event(entry))
                last = entry.number
                subscription.outlet.clientTook()
            }
            guard entries.count == JourneyStore.readLimit else { return }
        }
    }

    private static func event(_ entry: JourneyEntry) -> ByteBuffer {
        var buffer = ByteBuffer(string: "id: \(entry.number)\nevent: journey\ndata: ")
        buffer.writeBytes(entry.json)
        buffer.writeString("\n\n")
        return buffer
    }
}
