import Confinement
import Testing

@testable import RabbitMQ

@Suite("Security")
struct SecurityTests {
    @Test("every failure of TLS says what is wrong in one line, and what to change where that is ours")
    func words() {
        let failures: [(SecurityFailure, String)] = [
            (
                .wrongHost(expected: "localhost", names: ["other.example", "10.0.0.1"]),
                "the certificate is for other.example, 10.0.0.1, not for localhost"
            ),
            (.expired(.broker, on: "2026-01-01"), "the certificate expired on 2026-01-01"),
            (
                .expired(.authority, on: "2026-01-01"),
                "the certificate of its authority expired on 2026-01-01"
            ),
            (
                .unknownAuthority(issuer: "/CN=A", authorities: "/ca.pem"),
                "the certificate was issued by /CN=A, an authority that is not in rabbitmq.ca (/ca.pem)"
            ),
            (
                .unknownAuthority(issuer: "/CN=A", authorities: nil),
                "the certificate was issued by /CN=A, an authority that is not among the system's; "
                    + "rabbitmq.ca names others"
            ),
            (.certificateRefused("expired"), "the broker refused the client certificate: expired"),
            (
                .brokenFile(TransportSecurity.Problem(.authorities, "cannot be read: Permission denied")),
                "rabbitmq.ca cannot be read: Permission denied"
            ),
        ]
        for (failure, words) in failures { #expect("\(failure)" == words) }
        let error = SecurityFailure.noTLS.error
        #expect(error.kind == .insecure && error.advice == .giveUp)
        #expect("\(error)".hasPrefix("no secure connection: the broker does not speak TLS"))
    }

    @Test("a certificate is the login only over TLS, and only where no password is given")
    func mechanism() throws {
        let open = try Endpoint(url: "amqps://broker")
        #expect(open.mechanism(hasCertificate: true) == .external)
        #expect(open.mechanism(hasCertificate: false) == .plain)
        #expect(try Endpoint(url: "amqps://guest:guest@broker").mechanism(hasCertificate: true) == .plain)
        #expect(try Endpoint(url: "amqps://user@broker").mechanism(hasCertificate: true) == .external)
        #expect(try Endpoint(url: "amqp://broker").mechanism(hasCertificate: true) == .plain)
        let asked = try Endpoint(url: "amqps://u:p@broker/shop?auth_mechanism=external")
        #expect(asked.mechanism(hasCertificate: false) == .external)
        #expect(asked.virtualHost == "shop" && asked.host == "broker" && asked.port == 5671)
        #expect(
            try Endpoint(url: "amqps://h:1?auth_mechanism=PLAIN").mechanism(hasCertificate: true) == .plain
        )
    }

    @Test(
        "a query that asks for anything else is refused, unverified brokers among it",
        arguments: [
            "amqps://h/?verify=verify_none", "amqp://h/?auth_mechanism=external", "amqps://h?",
            "amqps://u:sek?ret@h/?auth_mechanism=external", "amqps://h/?auth_mechanism=external&x=1",
        ]
    )
    func otherQueries(url: String) {
        let error = #expect(throws: EndpointError.self) { try Endpoint(url: url) }
        #expect(error?.description.contains("ret") == false)
    }

    @Test("EXTERNAL says nothing but its name, and no password even where the broker does not offer it")
    func external() {
        let endpoint = Endpoint(host: "broker", port: 5671, usesTLS: true)
        func machine() -> HandshakeMachine {
            HandshakeMachine(
                endpoint: endpoint,
                heartbeat: .seconds(10),
                connectionName: "test",
                hasCertificate: true
            )
        }
        var willing = machine()
        guard case .send(let login, 0) = willing.received(.connectionStart(mechanisms: "PLAIN EXTERNAL")),
            case .connectionStartOk(_, "EXTERNAL", let response) = login.first
        else {
            Issue.record("no login")
            return
        }
        #expect(response.isEmpty)
        var unwilling = machine()
        guard case .failed(let error) = unwilling.received(.connectionStart(mechanisms: "PLAIN AMQPLAIN"))
        else {
            Issue.record("logged in")
            return
        }
        #expect(error.detail.contains("rabbitmq_auth_mechanism_ssl"))
    }

    @Test("an alert of TLS is told from AMQP by its first two bytes")
    func alert() {
        let buffer = ReceiveBuffer()
        unsafe buffer.space.copyBytes(from: [0x15, 0x03, 0x03, 0, 2, 2, 70])
        let (whole, half) = (buffer.startsWithAlert(7), buffer.startsWithAlert(1))
        unsafe buffer.space.copyBytes(from: Array("AMQP\0\0\u{9}\u{1}".utf8))
        let header = buffer.startsWithAlert(8)
        #expect(whole && !half && !header)
    }
}
