import CCurl

/// One transfer whose body is handed on as it comes.
///
/// Owning thread only. Driven through libcurl's multi interface, which gives the thread back several times a second, so
/// that a reader that has gone is noticed while the server is silent.
@safe
final class StreamTransfer {
    /// How soon a reader that has gone is noticed.
    private static let turnMilliseconds: Int32 = 200

    private let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer

    init() throws(HTTPClientError) {
        guard CurlLibrary.isReady, let easy = unsafe curl_easy_init(), let multi = unsafe curl_multi_init()
        else {
            throw HTTPClientError(kind: .badRequest, description: "libcurl cannot be initialised")
        }
        unsafe self.easy = easy
        unsafe self.multi = multi
    }

    deinit {
        // In this order, as curl_multi_cleanup(3) asks.
        _ = unsafe curl_multi_remove_handle(multi, easy)
        unsafe curl_easy_cleanup(easy)
        _ = unsafe curl_multi_cleanup(multi)
    }

    /// Blocks until the answer has ended, or nobody wants more of it.
    func read(
        _ request: HTTPRequest,
        silence: Duration,
        _ stop: StreamStop,
        _ receive: @escaping (HTTPStream.Part) -> Bool
    ) throws(HTTPClientError) {
        let receiver = StreamReceiver(receive)
        let list = try HeaderList(request.headers)
        try configure(request, silence: silence)
        try check(unsafe oe_curl_set_list(easy, CURLOPT_HTTPHEADER, list.head))
        let code = withExtendedLifetime((receiver, list)) {
            connect(receiver)
            return perform(stop)
        }
        // Without a body, nothing has handed the head on yet.
        if code == CURLE_OK { receiver.finish(status) }
        guard code != CURLE_OK, !stop.isRaised, !receiver.hasEnough else { return }
        let wasSent = unsafe oe_curl_number(easy, CURLINFO_REQUEST_SIZE) > 0
        let text =
            unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
        throw HTTPClientError(
            kind: wasSent ? .outcomeUnknown : .unreachable,
            description: "\(request.method) \(request.safeURL): \(text)"
        )
    }

    private var status: Int { unsafe oe_curl_number(easy, CURLINFO_RESPONSE_CODE) }

    private func perform(_ stop: StreamStop) -> CURLcode {
        guard unsafe curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_FAILED_INIT }
        while !stop.isRaised {
            var running: Int32 = 0
            guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
            if running == 0 { return unsafe oe_curl_multi_result(multi) }
            guard unsafe curl_multi_poll(multi, nil, 0, Self.turnMilliseconds, nil) == CURLM_OK else {
                return CURLE_FAILED_INIT
            }
        }
        return CURLE_ABORTED_BY_CALLBACK
    }

    private func configure(_ request: HTTPRequest, silence: Duration) throws(HTTPClientError) {
        let (seconds, attoseconds) = request.timeout.components
        try set(CURLOPT_NOSIGNAL, 1)
        try set(
            CURLOPT_CONNECTTIMEOUT_MS,
            max(1, Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
        )
        // Less than one byte a second for so long is silence.
        try set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try set(CURLOPT_LOW_SPEED_TIME, max(1, Int(silence.components.seconds)))
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_URL, request.url)
        if request.isForThisMachine { try set(CURLOPT_PROXY, "") }
        try set(CURLOPT_CUSTOMREQUEST, request.method)
        if let login = request.login {
            try set(CURLOPT_USERNAME, login.user)
            try set(CURLOPT_PASSWORD, login.password)
        }
    }

    /// The context outlives the transfer: `read` holds it until libcurl has returned.
    private func connect(_ receiver: StreamReceiver) {
        let context = unsafe Unmanaged.passUnretained(receiver).toOpaque()
        let onHeader: oe_curl_receiver = { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let receiver = unsafe Unmanaged<StreamReceiver>.fromOpaque(context).takeUnretainedValue()
            let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            return unsafe receiver.head.append(headerLine: line) ? size * count : 0
        }
        let onBody: oe_curl_receiver = { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let receiver = unsafe Unmanaged<StreamReceiver>.fromOpaque(context).takeUnretainedValue()
            let piece = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: size * count))
            return receiver.take(piece) ? size * count : 0
        }
        receiver.status = { [self] in status }
        _ = unsafe oe_curl_set_header_receiver(easy, onHeader, context)
        _ = unsafe oe_curl_set_body_receiver(easy, onBody, context)
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
        try check(unsafe oe_curl_set_number(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
        try check(unsafe oe_curl_set_text(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(HTTPClientError) {
        guard code == CURLE_OK else {
            throw HTTPClientError(
                kind: .badRequest,
                description: "libcurl refuses an option (\(code.rawValue))"
            )
        }
    }
}

/// Hands a stream's parts on, the head before the first piece.
///
/// Owning thread only.
final class StreamReceiver {
    let head = ReceivedAnswer()
    /// The status, once it is known.
    var status: () -> Int = { 0 }
    private(set) var hasEnough = false
    private var hasHead = false
    private let receive: (HTTPStream.Part) -> Bool

    init(_ receive: @escaping (HTTPStream.Part) -> Bool) {
        self.receive = receive
    }

    func take(_ bytes: [UInt8]) -> Bool {
        finish(status())
        if !hasEnough { hasEnough = !receive(.bytes(bytes)) }
        return !hasEnough
    }

    /// Hands the head on if that has not happened.
    func finish(_ status: Int) {
        guard !hasHead else { return }
        hasHead = true
        hasEnough = !receive(.head(HTTPResponse(status: status, headers: head.headers, body: [])))
    }
}
