import CCurl

extension SMTPConnection {
    /// Sets libcurl's options.
    ///
    /// - Throws: ``SMTPError``.
    static func configure(
        _ handle: UnsafeMutableRawPointer,
        _ server: SMTPServer,
        _ patience: Duration
    ) throws(SMTPError) {
        let milliseconds = max(1, patience.wholeMilliseconds)
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_CONNECT_ONLY, 1), (CURLOPT_TIMEOUT_MS, milliseconds),
            (CURLOPT_CONNECTTIMEOUT_MS, milliseconds), (CURLOPT_TCP_KEEPALIVE, 1),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)), (CURLOPT_USE_SSL, useSSL(server.security)),
        ]
        for (option, value) in numbers { try unsafe check(oe_curl_set_number(handle, option, value)) }
        var texts: [(CURLoption, String)] = [
            (CURLOPT_PROTOCOLS_STR, "smtp,smtps"), (CURLOPT_PROXY, ""), (CURLOPT_URL, server.url),
        ]
        if let login = server.login {
            // The others want more than a password, or ask a ticket of a realm that is not there.
            let mechanisms = "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5"
            texts += [
                (CURLOPT_USERNAME, login.user), (CURLOPT_PASSWORD, login.password),
                (CURLOPT_LOGIN_OPTIONS, mechanisms),
            ]
        }
        if let file = server.authorities { texts.append((CURLOPT_CAINFO, file)) }
        for (option, value) in texts { try unsafe check(oe_curl_set_text(handle, option, value)) }
    }

    private static func useSSL(_ security: SMTPServer.Security) -> Int {
        switch security {
        case .implicit, .required: Int(CURLUSESSL_ALL.rawValue)
        case .opportunistic: Int(CURLUSESSL_TRY.rawValue)
        case .none: Int(CURLUSESSL_NONE.rawValue)
        }
    }

    private static func check(_ code: CURLcode) throws(SMTPError) {
        guard code == CURLE_OK else {
            throw SMTPError(.unreachable, "libcurl refuses an option (\(code.rawValue))")
        }
    }

    /// What a failed connect means.
    static func failure(_ code: CURLcode, reply: Int, _ server: SMTPServer) -> SMTPError {
        let place = server.url
        let answer = (200...599).contains(reply) ? reply : nil
        let said = answer.map { " (\($0))" } ?? ""
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            return SMTPError(.notSentInTime, "\(place) did not answer in time", code: answer)
        case CURLE_LOGIN_DENIED:
            return SMTPError(.loginRefused, "\(place) does not accept the login\(said)", code: answer)
        case CURLE_USE_SSL_FAILED:
            return SMTPError(.insecure, "\(place) does not offer STARTTLS, or it failed\(said)", code: answer)
        case CURLE_PEER_FAILED_VERIFICATION:
            let text =
                "the certificate of \(place) cannot be verified: its authority must be trusted, and it must name the host"
            return SMTPError(.insecure, text)
        case CURLE_SSL_CACERT_BADFILE:
            return SMTPError(.insecure, "the file of trusted authorities cannot be used")
        case CURLE_SSL_CONNECT_ERROR:
            return SMTPError(.insecure, "\(place) does not speak TLS as it should")
        default:
            let reason =
                unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
            let kind: SMTPError.Kind = answer.map { $0 >= 400 } == true ? .unavailable : .unreachable
            return SMTPError(kind, "\(place): \(reason)\(said)", code: answer)
        }
    }
}

extension Duration {
    /// Rounded up.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
