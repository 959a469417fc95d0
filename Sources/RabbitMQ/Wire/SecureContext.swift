internal import COpenSSL

/// What one TLS session starts from: versions, authorities, our certificate.
///
/// Made for one attempt and dropped with it, on one thread. Nothing in it waits for a network; the system's
/// authorities are looked up in their directory when a certificate is checked.
@safe struct SecureContext: ~Copyable {
    let handle: OpaquePointer

    /// Before anything else of OpenSSL: its clean-up at the end of a process would race with threads that still use it.
    private static let isPrepared = OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1

    /// - Throws: ``SecurityFailure/other(_:)`` where OpenSSL has no memory, or a policy forbids TLS 1.2 and later.
    init() throws(RabbitMQError) {
        let handle = Self.isPrepared ? unsafe SSL_CTX_new(TLS_client_method()) : nil
        guard let handle = unsafe handle, unsafe oe_tls_harden(handle) == 1 else {
            unsafe SSL_CTX_free(handle)
            throw SecurityFailure.other("OpenSSL has no TLS 1.2 or 1.3 for us").error
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe SSL_CTX_free(handle)
    }

    /// Takes everything over.
    func adopt(_ material: SecureMaterial) throws(TransportSecurity.Problem) {
        try trust(material.authorities)
        guard let certificate = material.certificate else { return }
        try present(certificate)
        guard let key = material.key else {
            throw TransportSecurity.Problem(.key, "is needed with rabbitmq.certificate")
        }
        try prove(key)
    }

    /// Trusts these authorities only; `nil` trusts the system's.
    func trust(_ pem: [UInt8]?) throws(TransportSecurity.Problem) {
        ERR_clear_error()
        guard let pem else {
            guard unsafe SSL_CTX_set_default_verify_paths(handle) == 1 else {
                throw TransportSecurity.Problem(.authorities, "is needed: the system's cannot be found")
            }
            return
        }
        let store = unsafe SSL_CTX_get_cert_store(handle)
        // Whoever is named is trusted: an intermediate authority, or the broker's own certificate, without what is above.
        _ = unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        let count = unsafe Self.certificates(in: pem) { certificate in
            _ = unsafe X509_STORE_add_cert(store, certificate)
        }
        guard count > 0 else { throw Self.noCertificate(.authorities) }
    }

    /// Shows this certificate to a broker that asks; what follows it in the file is sent along.
    func present(_ pem: [UInt8]) throws(TransportSecurity.Problem) {
        var isFirst = true
        var isTaken = false
        let count = unsafe Self.certificates(in: pem) { certificate in
            if isFirst {
                isFirst = false
                isTaken = unsafe SSL_CTX_use_certificate(handle, certificate) == 1
            } else {
                _ = unsafe oe_tls_add_chain(handle, certificate)
            }
        }
        guard count > 0 else { throw Self.noCertificate(.certificate) }
        guard isTaken else {
            throw TransportSecurity.Problem(.certificate, "is not accepted: \(SecureErrors.text())")
        }
    }

    /// Takes the key of the certificate, which is there already.
    func prove(_ pem: [UInt8]) throws(TransportSecurity.Problem) {
        ERR_clear_error()
        guard let text = unsafe Self.reader(of: pem) else { throw Self.noKey }
        defer { unsafe BIO_free(text) }
        guard let key = unsafe oe_tls_read_key(text) else {
            let reason = oe_tls_reason(ERR_peek_last_error())
            let isLocked =
                pem.contains("ENCRYPTED") || reason == PEM_R_BAD_PASSWORD_READ
            throw isLocked
                ? TransportSecurity.Problem(.key, "is locked with a passphrase; store it without one")
                : Self.noKey
        }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(handle, key) == 1,
            unsafe SSL_CTX_check_private_key(handle) == 1
        else {
            throw TransportSecurity.Problem(.key, "is not the key of rabbitmq.certificate")
        }
    }

    private static let noKey = TransportSecurity.Problem(.key, "holds no private key in PEM form")

    private static func noCertificate(_ file: TransportSecurity.File) -> TransportSecurity.Problem {
        TransportSecurity.Problem(file, "holds no certificate in PEM form")
    }

    /// Hands out each certificate of a PEM text, up to the first that is broken; each is gone after its turn.
    /// - Returns: How many there were; 0 where any is broken.
    private static func certificates(in pem: [UInt8], _ body: (OpaquePointer) -> Void) -> Int {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let text = unsafe reader(of: pem) else { return 0 }
        defer { unsafe BIO_free(text) }
        var count = 0
        while let certificate = unsafe oe_tls_read_certificate(text) {
            unsafe body(certificate)
            unsafe X509_free(certificate)
            count += 1
        }
        // The end of the text is "no start line"; anything else is a certificate that cannot be read.
        return oe_tls_reason(ERR_peek_last_error()) == PEM_R_NO_START_LINE ? count : 0
    }

    /// A copy of the text to read from; the caller frees it.
    private static func reader(of pem: [UInt8]) -> OpaquePointer? {
        guard let text = unsafe BIO_new(BIO_s_mem()) else { return nil }
        _ = unsafe pem.withUnsafeBytes { unsafe BIO_write(text, $0.baseAddress, Int32($0.count)) }
        return unsafe text
    }
}

extension [UInt8] {
    fileprivate func contains(_ word: String) -> Bool {
        firstRange(of: Array(word.utf8)) != nil
    }
}
