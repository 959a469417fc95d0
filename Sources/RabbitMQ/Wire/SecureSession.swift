internal import COpenSSL

/// One TLS session between the plain bytes of AMQP and the sealed bytes of a socket that it never touches.
///
/// OpenSSL reads from memory and writes to memory, so no call waits. Lives on the owning thread. Every function that
/// throws has ended the session; what it has to tell the peer (an alert) can still be flushed then.
@safe struct SecureSession: ~Copyable {
    /// What unsealing found.
    enum Opened: Equatable {
        /// Plain bytes, all there are now; 0 where a record is not complete yet.
        case bytes(Int)
        /// The peer said goodbye; before it so many bytes.
        case end(after: Int)
    }

    /// A record carries at most 16 KiB (RFC 8446, section 5.1).
    static let recordSize = 16 << 10

    /// Sealed bytes above which the socket comes first: there is room for one more record and its seal.
    private static let sealingLimit = OutputBuffer.highWater - 2 * recordSize

    private let handle: OpaquePointer
    /// Sealed bytes of the peer; owned by the session.
    ///
    /// Empty but for an unfinished record after each turn.
    private let incoming: OpaquePointer
    /// Sealed bytes for the peer; owned by the session, emptied into ``sealed`` after each call.
    private let outgoing: OpaquePointer
    private let notes: UnsafeMutablePointer<oe_tls_notes>
    private let host: String
    private let authorities: String?

    /// Whether both sides have finished the handshake.
    private(set) var isEstablished = false
    /// Whether the broker has answered over the session: only now is it sure that it took our certificate (TLS 1.3).
    private(set) var isProven = false
    /// What the socket should take: up to ``OutputBuffer/highWater``, and what the protocol answers.
    private var sealed = OutputBuffer()

    /// Sealed bytes that wait for the socket.
    var sealedCount: Int { sealed.count }

    /// Prepares a session with the broker `host`; ``advance()`` begins the handshake.
    init(with host: String, _ material: SecureMaterial) throws(RabbitMQError) {
        let parts = try unsafe Self.assemble(host, material)
        unsafe handle = parts.handle
        unsafe incoming = parts.incoming
        unsafe outgoing = parts.outgoing
        unsafe notes = .allocate(capacity: 1)
        unsafe notes.initialize(to: oe_tls_notes())
        self.host = host
        authorities = material.authoritiesFile
        unsafe oe_tls_set_notes(handle, notes)
    }

    /// The parts of a session that wants this host; the caller frees `handle`, and with it the other two.
    private static func assemble(
        _ host: String,
        _ material: SecureMaterial
    ) throws(RabbitMQError) -> (handle: OpaquePointer, incoming: OpaquePointer, outgoing: OpaquePointer) {
        let context = try SecureContext()
        do throws(TransportSecurity.Problem) {
            try context.adopt(material)
        } catch {
            throw SecurityFailure.brokenFile(error).error
        }
        guard let handle = unsafe SSL_new(context.handle) else { throw Self.noMemory }
        guard let incoming = unsafe BIO_new(BIO_s_mem()), let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(handle)
            throw Self.noMemory
        }
        unsafe SSL_set_bio(handle, incoming, outgoing)
        unsafe SSL_set_connect_state(handle)
        // A name may end in the dot of the root; certificates have none.
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        guard unsafe oe_tls_expect(handle, name) == 1 else {
            unsafe SSL_free(handle)
            throw SecurityFailure.other("\(host) is no name that a certificate could have").error
        }
        return unsafe (handle, incoming, outgoing)
    }

    deinit {
        unsafe SSL_free(handle)
        unsafe X509_free(notes.pointee.certificate)
        unsafe notes.deallocate()
    }

    /// Takes the handshake as far as the bytes that came allow.
    mutating func advance() throws(RabbitMQError) {
        guard !isEstablished else { return }
        ERR_clear_error()
        let status = unsafe SSL_do_handshake(handle)
        defer { collect() }
        if status == 1 {
            isEstablished = true
        } else if !isMerelyWaiting(status) {
            throw failure()
        }
    }

    /// Seals what waits in the encoder, once the handshake is over, as far as the buffer holds it without growing.
    mutating func seal(_ encoder: inout FrameEncoder) throws(RabbitMQError) {
        while isEstablished, sealed.count <= Self.sealingLimit, encoder.pendingCount > 0 {
            var status: Int32 = 0
            unsafe encoder.drain { bytes in
                ERR_clear_error()
                status = unsafe SSL_write(
                    handle,
                    bytes.baseAddress,
                    Int32(min(bytes.count, Self.recordSize))
                )
                return max(0, Int(status))
            }
            collect()
            if status > 0 { continue }
            guard isMerelyWaiting(status) else { throw failure() }
            return
        }
    }

    /// Sends sealed bytes, as many as the socket takes.
    mutating func flush(to socket: borrowing StreamSocket) -> StreamSocket.Dispatch {
        guard sealed.count > 0 else { return .sent(0) }
        let dispatch = unsafe socket.send(sealed.waiting)
        if case .sent(let count) = dispatch { sealed.consumed(count) }
        return dispatch
    }

    /// Takes sealed bytes of the peer.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(RabbitMQError) {
        let count = unsafe BIO_write(incoming, bytes.baseAddress, Int32(bytes.count))
        guard count == bytes.count else { throw Self.noMemory }
    }

    /// Writes the plain bytes of every complete record into `space`.
    ///
    /// A record is never longer than its seal, so there is room for what was fed and one unfinished record before it.
    mutating func open(into space: UnsafeMutableRawBufferPointer) throws(RabbitMQError) -> Opened {
        defer { collect() }
        var count = 0
        while count < space.count {
            ERR_clear_error()
            let status = unsafe SSL_read(
                handle,
                space.baseAddress?.advanced(by: count),
                Int32(space.count - count)
            )
            if status > 0 {
                count += Int(status)
                isProven = true
            } else if unsafe SSL_get_error(handle, status) == SSL_ERROR_ZERO_RETURN {
                return .end(after: count)
            } else if isMerelyWaiting(status) {
                break
            } else {
                throw failure()
            }
        }
        // A peer that makes us answer without end, with key updates, is not worth the memory.
        guard sealed.count + Int(unsafe BIO_ctrl_pending(outgoing)) <= 2 * OutputBuffer.highWater else {
            throw SecurityFailure.other("the broker asks for answers that it does not read").error
        }
        return .bytes(count)
    }

    /// Says goodbye, where that can be done at once.
    func farewell(over socket: borrowing StreamSocket) {
        guard isEstablished, sealed.count == 0 else { return }
        ERR_clear_error()
        guard unsafe SSL_shutdown(handle) >= 0 else { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { space in
            let count = unsafe BIO_read(outgoing, space.baseAddress, Int32(space.count))
            guard count > 0 else { return }
            _ = unsafe socket.send(UnsafeRawBufferPointer(rebasing: space[..<Int(count)]))
        }
    }

    private mutating func collect() {
        let count = unsafe BIO_ctrl_pending(outgoing)
        guard count > 0 else { return }
        let space = unsafe sealed.reserve(count)
        let taken = unsafe BIO_read(outgoing, space.baseAddress, Int32(count))
        sealed.commit(max(0, Int(taken)))
    }

    private func isMerelyWaiting(_ status: Int32) -> Bool {
        let code = unsafe SSL_get_error(handle, status)
        return code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE
    }

    private func failure() -> RabbitMQError {
        unsafe SecureErrors.failure(notes.pointee, host: host, authorities: authorities).error
    }

    private static let noMemory = SecurityFailure.other("no memory for a session").error
}
