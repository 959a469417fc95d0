/// The thread that blocks on one stream.
actor StreamLane {
    private let executor = ThreadExecutor(label: "http-stream")

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    func read(
        _ request: HTTPRequest,
        silence: Duration,
        _ stop: StreamStop,
        _ receive: @escaping @Sendable (HTTPStream.Part) -> Bool
    ) -> Result<Void, HTTPClientError> {
        do throws(HTTPClientError) {
            return .success(try StreamTransfer().read(request, silence: silence, stop, receive))
        } catch {
            return .failure(error)
        }
    }
}
