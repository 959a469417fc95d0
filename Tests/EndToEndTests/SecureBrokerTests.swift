import Curl
import RabbitMQNode
import TestSupport
import Testing

@Suite("The programs and a broker that they must not trust", .serialized)
struct SecureBrokerTests {
    @Test("the order service serves and says why it is not ready; orderctl ends with 69 and the same words")
    func untrusted() async throws {
        let authority = try await CertificateAuthority()
        let old = try await authority.issue("old", .past)
        let (tlsPort, httpPort) = (try FreePort.find(), try FreePort.reserve())
        let directory = try TemporaryDirectory()
        let environment = [
            "RABBITMQ_URL": "amqps://guest:topsecret@localhost:\(tlsPort)/", "RABBITMQ_CA": authority.file,
            "DATABASE_URL": "sqlite:\(directory.text(of: "orders.db"))", "HTTP_PORT": "\(httpPort)",
        ]
        let broker = [
            "s_server", "-www", "-accept", "127.0.0.1:\(tlsPort)", "-cert", old.certificate, "-key", old.key,
        ]
        try await ProgramUnderTest.with("/usr/bin/openssl", broker) { broker in
            _ = try await broker.line(containing: "ACCEPT")
            try await ProgramUnderTest.with("order-service", environment: environment) { service in
                let http = HTTPClient()
                let reason = "no secure connection: the certificate expired on 2021-01-02"
                try await eventually("the reason is on the page; the service said:\n\(service.transcript)") {
                    let page = HTTPRequest("GET", "http://127.0.0.1:\(httpPort)/health/ready")
                    let answer = try await http.send(page)
                    return answer.status == 503 && answer.text.contains(reason)
                }
                _ = try await service.line(containing: reason)
                let management = "https://localhost:\(tlsPort)"
                let commands = [
                    (["topology", "apply"], 69 as Int32, reason), (["doctor"], 1, reason),
                    (["topology", "check"], 69, "certificate"),
                ]
                for (command, code, words) in commands {
                    let refused = try await ProgramUnderTest.run(
                        "orderctl",
                        command + ["--directory", directory.text, "--management-url", management],
                        environment: environment
                    )
                    let said = refused.output + refused.error
                    #expect(refused.exit == .code(code), "\(command) \(said)")
                    #expect(said.contains(words), "\(command) \(said)")
                    // Starting something would not help.
                    #expect(!refused.error.contains("orderctl up"))
                    #expect(!(service.transcript + said).contains("topsecret"))
                }
            }
        }
    }

    @Test("a certificate that cannot be used ends each program with 78 and the key's name")
    func badFiles() async throws {
        for program in ["order-service", "inventory-worker"] {
            let finished = try await ProgramUnderTest.run(
                program,
                environment: [
                    "RABBITMQ_CA": "/nowhere/ca.pem", "RABBITMQ_CERTIFICATE": "/nowhere/client.pem",
                ]
            )
            #expect(finished.exit == .code(78))
            #expect(finished.error.contains("rabbitmq.ca: cannot be read: No such file or directory"))
            #expect(finished.error.contains("rabbitmq.key: is needed with rabbitmq.certificate"))
        }
    }
}
