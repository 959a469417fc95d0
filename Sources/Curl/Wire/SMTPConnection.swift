import CCurl

/// One connection to a mail server: greeted, protected and signed in by libcurl, then ours to talk over.
///
/// Owning thread only. libcurl's own `MAIL … DATA` is not used: it does not tell whether a connection broke before or
/// after the server could take the mail, and sends addresses outside ASCII to servers that do not offer SMTPUTF8.
/// Source: CURLOPT_CONNECT_ONLY(3), curl_easy_send(3), curl_easy_recv(3).
@safe
final class SMTPConnection {
    /// The connection is of no use any more.
    struct Broken: Error {
        var isTimeout: Bool
    }

    private let handle: UnsafeMutableRawPointer
    private let greeting = SMTPGreeting()
    private var lastUse = ContinuousClock.now
    /// Whether a transaction was left open.
    private(set) var isDirty = false

    /// Blocks until the connection is there or the time is over.
    ///
    /// - Throws: ``SMTPError``; nothing was sent.
    init(_ server: SMTPServer, by deadline: ContinuousClock.Instant) throws(SMTPError) {
        guard CurlLibrary.isReady, let handle = unsafe curl_easy_init() else {
            throw SMTPError(.unreachable, "libcurl cannot be initialised")
        }
        unsafe self.handle = handle
        let context = unsafe Unmanaged.passUnretained(greeting).toOpaque()
        let patience = min(server.connectTimeout, ContinuousClock.now.duration(to: deadline))
        try unsafe Self.configure(handle, server, patience)
        let onLine: oe_curl_receiver = { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let greeting = unsafe Unmanaged<SMTPGreeting>.fromOpaque(context).takeUnretainedValue()
            unsafe greeting.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        _ = unsafe oe_curl_set_header_receiver(handle, onLine, context)
        let code = unsafe curl_easy_perform(handle)
        guard code == CURLE_OK else {
            throw Self.failure(code, reply: unsafe oe_curl_number(handle, CURLINFO_RESPONSE_CODE), server)
        }
        if server.login != nil, !offers("AUTH") {
            throw SMTPError(
                .loginRefused,
                "\(server.url) offers no sign-in (AUTH) that a login could be used for"
            )
        }
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
    }

    /// Whether the server's answer to EHLO had this keyword.
    func offers(_ keyword: String) -> Bool {
        greeting.keywords.contains(keyword)
    }

    /// Whether the connection is fit for another mail, as far as this side can tell.
    func isUsable(idleFor longest: Duration) -> Bool {
        guard lastUse.duration(to: .now) < longest else { return false }
        // Nothing is expected now: whatever came is a goodbye or the end.
        return oe_curl_wait(socket, 0, 0) == 0
    }

    /// Remembers what the last mail left.
    func mark(_ state: SMTPDialogue.Connection) {
        isDirty = state == .dirty
        lastUse = .now
    }

    /// Makes the end quick: without it libcurl would wait for an answer to `QUIT`.
    func abandon() {
        _ = unsafe oe_curl_set_number(handle, CURLOPT_TIMEOUT_MS, 1)
    }

    /// Blocks until all bytes are handed over.
    func send(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) throws(Broken) {
        // One buffer for all tries: TLS wants the same bytes at the same place again.
        let broken: Broken? = unsafe bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                var count = 0
                let code = unsafe curl_easy_send(
                    handle,
                    buffer.baseAddress.map { unsafe $0 + sent },
                    buffer.count - sent,
                    &count
                )
                sent += count
                guard code == CURLE_OK || code == CURLE_AGAIN else { return Broken(isTimeout: false) }
                if code == CURLE_AGAIN, !wait(forWriting: true, by: deadline) {
                    return Broken(isTimeout: true)
                }
            }
            return nil
        }
        if let broken { throw broken }
    }

    /// Blocks until some bytes are there.
    ///
    /// - Returns: At least one.
    func receive(by deadline: ContinuousClock.Instant) throws(Broken) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            var count = 0
            let code = unsafe buffer.withUnsafeMutableBytes {
                unsafe curl_easy_recv(handle, $0.baseAddress, $0.count, &count)
            }
            switch code {
            case CURLE_OK where count > 0: return Array(buffer.prefix(count))
            case CURLE_AGAIN:
                guard wait(forWriting: false, by: deadline) else { throw Broken(isTimeout: true) }
            default: throw Broken(isTimeout: false)
            }
        }
    }

    private var socket: Int32 { unsafe oe_curl_socket(handle) }

    private func wait(forWriting: Bool, by deadline: ContinuousClock.Instant) -> Bool {
        let remaining = ContinuousClock.now.duration(to: deadline)
        guard remaining > .zero else { return false }
        // An error shows itself in the next call.
        return oe_curl_wait(socket, forWriting ? 1 : 0, Int32(clamping: remaining.wholeMilliseconds))
            != 0
    }
}
