import CCurl

/// One libcurl handle, which keeps its connection open between requests.
///
/// Owning thread only; libcurl shares nothing between handles.
@safe
final class EasyHandle {
    private let handle: UnsafeMutableRawPointer

    init() throws(HTTPClientError) {
        guard CurlLibrary.isReady, let handle = unsafe curl_easy_init() else {
            throw HTTPClientError(kind: .badRequest, description: "libcurl cannot be initialised")
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
    }

    /// Blocks until the answer is there or the time is over.
    func perform(_ request: HTTPRequest, within timeout: Duration) throws(HTTPClientError) -> HTTPResponse {
        unsafe curl_easy_reset(handle)
        let answer = ReceivedAnswer(request.answerLimit)
        let sendings = Sendings()
        let list = try HeaderList(request.headers)
        try configure(request, within: timeout)
        try check(unsafe oe_curl_set_list(handle, CURLOPT_HTTPHEADER, list.head))
        let code = withExtendedLifetime((answer, list, sendings)) {
            receive(into: answer)
            if ["POST", "PATCH"].contains(request.method) { sendOnce(sendings) }
            return unsafe curl_easy_perform(handle)
        }
        let status = unsafe oe_curl_number(handle, CURLINFO_RESPONSE_CODE)
        guard code == CURLE_OK || (code == CURLE_WRITE_ERROR && answer.isCut(status: status)) else {
            throw failure(code, answer, sendings, request)
        }
        return HTTPResponse(
            status: status,
            headers: answer.headers,
            body: answer.body
        )
    }

    private func configure(_ request: HTTPRequest, within timeout: Duration) throws(HTTPClientError) {
        let (seconds, attoseconds) = timeout.components
        let milliseconds = max(1, Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_TIMEOUT_MS, milliseconds)
        try set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_URL, request.url)
        if let file = request.authorities { try set(CURLOPT_CAINFO, file) }
        if request.isForThisMachine { try set(CURLOPT_PROXY, "") }
        if let body = request.body {
            try check(unsafe oe_curl_set_body(handle, body, body.count))
        }
        if request.method == "HEAD" { try set(CURLOPT_NOBODY, 1) }
        try set(CURLOPT_CUSTOMREQUEST, request.method)
        if let login = request.login {
            try set(CURLOPT_USERNAME, login.user)
            try set(CURLOPT_PASSWORD, login.password)
        }
    }

    /// The context outlives the call: `perform` holds it until libcurl has returned.
    private func receive(into answer: ReceivedAnswer) {
        let context = unsafe Unmanaged.passUnretained(answer).toOpaque()
        let onHeader: oe_curl_receiver = { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let answer = unsafe Unmanaged<ReceivedAnswer>.fromOpaque(context).takeUnretainedValue()
            let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            return unsafe answer.append(headerLine: line) ? size * count : 0
        }
        let onBody: oe_curl_receiver = { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let answer = unsafe Unmanaged<ReceivedAnswer>.fromOpaque(context).takeUnretainedValue()
            let isTaken = unsafe answer.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return isTaken ? size * count : 0
        }
        _ = unsafe oe_curl_set_header_receiver(handle, onHeader, context)
        _ = unsafe oe_curl_set_body_receiver(handle, onBody, context)
    }

    /// Lets libcurl send the request a first time only.
    ///
    /// When a connection kept open closes before any byte of the answer, libcurl sends the request again over a new one
    /// (lib/transfer.c, Curl_retry_request), and no option forbids that. But it asks before each sending. The context
    /// outlives the call: `perform` holds it.
    private func sendOnce(_ sendings: Sendings) {
        let context = unsafe Unmanaged.passUnretained(sendings).toOpaque()
        let onSending: oe_curl_sending = { context, _, _, _, _ in
            guard let context = unsafe context else { return 1 }
            let sendings = unsafe Unmanaged<Sendings>.fromOpaque(context).takeUnretainedValue()
            sendings.count += 1
            return sendings.count == 1 ? 0 : 1
        }
        _ = unsafe oe_curl_set_sending(handle, onSending, context)
    }

    private func failure(
        _ code: CURLcode,
        _ answer: ReceivedAnswer,
        _ sendings: Sendings,
        _ request: HTTPRequest
    ) -> HTTPClientError {
        // A refused second sending means that the first was begun.
        let wasSent = unsafe sendings.count > 1 || oe_curl_number(handle, CURLINFO_REQUEST_SIZE) > 0
        let text =
            sendings.count > 1
            ? "the connection was closed before an answer"
            : unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
        let kind: HTTPClientError.Kind =
            switch code {
            case CURLE_WRITE_ERROR where answer.isTooLarge: .tooLarge
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badRequest
            case CURLE_OPERATION_TIMEDOUT where !wasSent: .notSentInTime
            default: wasSent ? .outcomeUnknown : .unreachable
            }
        return HTTPClientError(kind: kind, description: "\(request.method) \(request.safeURL): \(text)")
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
        try check(unsafe oe_curl_set_number(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
        try check(unsafe oe_curl_set_text(handle, option, value))
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

/// How often libcurl has begun to send a request, where that is counted.
///
/// Owning thread only.
private final class Sendings {
    var count = 0
}
