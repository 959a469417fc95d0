internal import Synchronization

/// One answer that is read as it comes and may never end, such as Server-Sent Events.
///
/// Any task. Runs on a thread of its own while it is read; nothing is buffered beyond what has just come.
public struct HTTPStream: Sendable {
    /// What has come.
    public enum Part: Sendable {
        /// Status and headers; the body is empty here. Comes first, and once.
        case head(HTTPResponse)
        /// A piece of the body, cut anywhere.
        case bytes([UInt8])
    }

    private let request: HTTPRequest
    private let silence: Duration

    /// Describes the stream; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - request: Its timeout bounds the connecting alone.
    ///   - silence: Longest time, in whole seconds from 1, without a byte from the server.
    public init(_ request: HTTPRequest, silence: Duration = .seconds(60)) {
        self.request = request
        self.silence = silence
    }

    /// Reads until the server ends the answer, the receiver has enough, or the task is cancelled.
    ///
    /// - Parameter receive: Called with each part in order, on the stream's thread; false ends the reading. May block.
    /// - Throws: ``HTTPClientError``: `unreachable` where nothing answers, `outcomeUnknown` where the connection broke
    ///   or fell silent. Cancellation, and a receiver that has enough, are no errors.
    public func read(_ receive: @escaping @Sendable (Part) -> Bool) async throws(HTTPClientError) {
        let stop = StreamStop()
        let lane = StreamLane()
        let outcome = await withTaskCancellationHandler {
            await lane.read(request, silence: silence, stop, receive)
        } onCancel: {
            stop.raise()
        }
        try outcome.get()
    }
}

/// Whether the reader has gone.
final class StreamStop: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .relaxed) }

    func raise() { state.store(true, ordering: .relaxed) }
}
