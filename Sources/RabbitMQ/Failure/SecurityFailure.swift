/// Why no secure connection to the broker came about.
///
/// Pure; the words that operators see in the log, in `/health/ready` and in `orderctl doctor`.
enum SecurityFailure: Equatable, Sendable {
    /// Whose certificate is at fault.
    enum Holder: String, Sendable {
        case broker = "the certificate"
        /// One that stands between the broker's and what is trusted, or what is trusted itself.
        case authority = "the certificate of its authority"
    }

    /// The broker's certificate is good, but for others; empty `names`: for nobody that it names.
    case wrongHost(expected: String, names: [String])
    /// Its time is over; the day in UTC, `2026-01-02`.
    case expired(Holder, on: String)
    /// Its time has not come.
    case notYetValid(Holder, before: String)
    /// It signed itself, and nobody here vouches for it.
    case selfSigned(authorities: String?)
    /// No authority that we trust signed it; `authorities` is the file of those, `nil` for the system's.
    case unknownAuthority(issuer: String, authorities: String?)
    /// Anything else that is wrong with it, in OpenSSL's words.
    case badCertificate(Holder, String)
    /// What answers is no TLS at all.
    case noTLS
    /// What answers speaks TLS, and the address says `amqp`.
    case wantsTLS
    /// The broker has no version of TLS that we still speak.
    case oldTLS
    /// The broker lets nobody in without a certificate, and we have none.
    case certificateWanted
    /// The broker refused the certificate that we have, for its own reason.
    case certificateRefused(String)
    /// Our own files, which were good at the start or were never judged.
    case brokenFile(TransportSecurity.Problem)
    /// Everything else, in OpenSSL's words.
    case other(String)

    /// As an error of a connection; nothing of AMQP was sent.
    var error: RabbitMQError { RabbitMQError(.insecure, during: .connect, "\(self)") }
}

extension SecurityFailure: CustomStringConvertible {
    /// One line, safe to show.
    var description: String {
        switch self {
        case .wrongHost(let expected, let names) where names.isEmpty:
            "the certificate names no host at all (subjectAltName), so it is not for \(expected)"
        case .wrongHost(let expected, let names):
            "the certificate is for \(names.joined(separator: ", ")), not for \(expected)"
        case .expired(let holder, let day): "\(holder.rawValue) expired on \(day)"
        case .notYetValid(let holder, let day):
            "\(holder.rawValue) is not valid before \(day); is the clock right?"
        case .selfSigned(let file): "the certificate is self-signed and not \(Self.among(file))"
        case .unknownAuthority(let issuer, let file):
            "the certificate was issued by \(issuer), an authority that is not \(Self.among(file))"
        case .badCertificate(let holder, let reason): "\(holder.rawValue) is not accepted: \(reason)"
        case .noTLS: "the broker does not speak TLS at this port; amqps has a port of its own, usually 5671"
        case .wantsTLS: "the broker expects TLS at this port; the address must begin with amqps://"
        case .oldTLS: "the broker has neither TLS 1.2 nor TLS 1.3"
        case .certificateWanted:
            "the broker wants a client certificate; set rabbitmq.certificate and rabbitmq.key"
        case .certificateRefused(let reason): "the broker refused the client certificate: \(reason)"
        case .brokenFile(let problem): "\(problem)"
        case .other(let reason): "TLS failed: \(reason)"
        }
    }

    private static func among(_ file: String?) -> String {
        file.map { "in rabbitmq.ca (\($0))" } ?? "among the system's; rabbitmq.ca names others"
    }
}
