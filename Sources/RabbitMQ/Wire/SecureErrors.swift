internal import COpenSSL

/// Reads what OpenSSL says of a failure.
///
/// Its error queue belongs to the thread: it is cleared before each call, and read right after one that failed.
enum SecureErrors {
    /// OpenSSL's words for the first error of the queue.
    static func text() -> String {
        let error = ERR_peek_error()
        guard error != 0, let words = unsafe ERR_reason_error_string(error) else { return "no reason given" }
        return unsafe String(cString: words)
    }

    /// Why a handshake, or what followed it, failed.
    ///
    /// - Parameters:
    ///   - notes: What was noted of the peer.
    ///   - host: Whom we wanted.
    ///   - authorities: Whom we trust, as a file; `nil` the system's.
    /// - Returns: The most telling of what is known.
    static func failure(_ notes: oe_tls_notes, host: String, authorities: String?) -> SecurityFailure {
        if unsafe notes.rejection != X509_V_OK {
            return unsafe rejected(notes, host: host, authorities: authorities)
        }
        let reason = oe_tls_reason(ERR_peek_error())
        switch reason {
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_UNKNOWN_PROTOCOL,
            SSL_R_PACKET_LENGTH_TOO_LONG:
            return .noTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            return .oldTLS
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
            return .certificateWanted
        default:
            break
        }
        if unsafe notes.wanted_ours == 1, reason >= SSL_AD_REASON_OFFSET { return .certificateWanted }
        switch reason - SSL_AD_REASON_OFFSET {
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
            SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA, SSL_AD_ACCESS_DENIED:
            return .certificateRefused(text())
        default:
            return .other(text())
        }
    }

    private static func rejected(
        _ notes: oe_tls_notes,
        host: String,
        authorities: String?
    ) -> SecurityFailure {
        let certificate = unsafe notes.certificate
        let holder: SecurityFailure.Holder = unsafe notes.depth == 0 ? .broker : .authority
        switch unsafe notes.rejection {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            let names = unsafe words { unsafe oe_tls_subjects(certificate, $0, $1) }
            return .wrongHost(expected: host, names: names.split(separator: " ").map(String.init))
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return .expired(
                holder,
                on: unsafe words { unsafe oe_tls_day(X509_get0_notAfter(certificate), $0, $1) }
            )
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return .notYetValid(
                holder,
                before: unsafe words { unsafe oe_tls_day(X509_get0_notBefore(certificate), $0, $1) }
            )
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return .selfSigned(authorities: authorities)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_CERT_UNTRUSTED:
            let issuer = unsafe words { unsafe oe_tls_issuer(certificate, $0, $1) }
            return .unknownAuthority(issuer: issuer, authorities: authorities)
        case let other:
            return .badCertificate(holder, unsafe String(cString: X509_verify_cert_error_string(Int(other))))
        }
    }

    /// What a C function wrote about a certificate; at most 511 bytes.
    private static func words(_ write: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { space in
            guard let base = space.baseAddress else { return "" }
            unsafe base.pointee = 0
            unsafe write(base, space.count)
            return unsafe String(cString: base)
        }
    }
}
