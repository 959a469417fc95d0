/// One connection at a time, with the thread that blocks on it.
actor Lane {
    private let executor: ThreadExecutor
    private var handle: EasyHandle?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(number: Int) {
        executor = ThreadExecutor(label: "http-client-\(number)")
    }

    /// Blocks the lane's own thread until the answer is there or the deadline has passed.
    func send(
        _ request: HTTPRequest,
        by deadline: ContinuousClock.Instant
    ) throws(HTTPClientError) -> HTTPResponse {
        let remaining = ContinuousClock.now.duration(to: deadline)
        guard remaining > .zero else {
            throw HTTPClientError(
                kind: .notSentInTime,
                description: "no free connection within \(request.timeout)"
            )
        }
        if let handle { return try handle.perform(request, within: remaining) }
        let handle = try EasyHandle()
        self.handle = handle
        return try handle.perform(request, within: remaining)
    }
}
