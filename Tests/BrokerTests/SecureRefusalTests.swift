import Logging
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing

/// Nobody is let in whose certificate is not good for the host of the URL; what is wrong with it is said.
@Suite("A broker that cannot prove who it is")
struct SecureRefusalTests {
    /// Runs something that speaks TLS with a certificate, and tells why we do not speak to it.
    private func reason(
        _ issued: CertificateAuthority.Issued,
        trusting authorities: String?,
        host: String = "localhost",
        options: [String] = []
    ) async throws -> String {
        let port = try FreePort.find()
        // As a web server, since otherwise it ends a connection together with its own standard input.
        let server =
            [
                "s_server", "-www", "-accept", "127.0.0.1:\(port)", "-cert", issued.certificate, "-key",
                issued.key,
            ] + options
        return try await ProgramUnderTest.with("/usr/bin/openssl", server) { program in
            _ = try await program.line(containing: "ACCEPT")
            let settings = BrokerSettings(
                endpoints: [Endpoint(host: host, port: port, usesTLS: true)],
                security: TransportSecurity(authorities: authorities),
                connectionName: "secure-tests"
            )
            return try await refusal(settings)
        }
    }

    @Test("who is for another host is named, with whom it is for")
    func wrongHost() async throws {
        let authority = try await CertificateAuthority()
        let other = try await authority.issue("other", for: ["DNS:other.example", "DNS:*.shop.example"])
        let named = try await reason(other, trusting: authority.file)
        #expect(named.contains("is for other.example, *.shop.example, not for localhost"), "\(named)")
        let numbered = try await reason(other, trusting: authority.file, host: "127.0.0.1")
        #expect(numbered.contains("not for 127.0.0.1"), "\(numbered)")
        // A common name is no host name, whatever it says.
        let nobody = try await authority.issue("localhost", for: [])
        let unnamed = try await reason(nobody, trusting: authority.file)
        #expect(unnamed.contains("names no host"), "\(unnamed)")
    }

    @Test("one whose time is over, or has not come, is refused with the day")
    func wrongTime() async throws {
        let authority = try await CertificateAuthority()
        let old = try await reason(authority.issue("old", .past), trusting: authority.file)
        #expect(old.contains("the certificate expired on 2021-01-02"), "\(old)")
        let young = try await reason(authority.issue("young", .future), trusting: authority.file)
        #expect(young.contains("is not valid before 2099-02-03"), "\(young)")
    }

    @Test("one of an authority that is not trusted, here or by the system, is refused with its issuer")
    func wrongAuthority() async throws {
        let authority = try await CertificateAuthority()
        let stranger = try await CertificateAuthority("Strangers")
        let good = try await stranger.issue("broker")
        let strange = try await reason(good, trusting: authority.file)
        #expect(strange.contains("issued by /CN=Strangers"), "\(strange)")
        #expect(strange.contains("not in rabbitmq.ca (\(authority.file))"), "\(strange)")
        let unknown = try await reason(good, trusting: nil)
        #expect(unknown.contains("not among the system's"), "\(unknown)")
        // The same name, another key.
        let impostor = try await CertificateAuthority().issue("broker")
        let false_ = try await reason(impostor, trusting: authority.file)
        #expect(false_.contains("no secure connection"), "\(false_)")
        let alone = try await reason(authority.selfSigned("alone"), trusting: authority.file)
        #expect(alone.contains("self-signed"), "\(alone)")
    }

    @Test("one that wants a certificate of us is told from others, in both versions", arguments: ["2", "3"])
    func certificateWanted(version: String) async throws {
        let authority = try await CertificateAuthority()
        let server = try await authority.issue("broker")
        let options = ["-Verify", "1", "-verify_return_error", "-CAfile", authority.file, "-tls1_\(version)"]
        let reason = try await reason(server, trusting: authority.file, options: options)
        #expect(reason.contains("the broker wants a client certificate"), "\(reason)")
    }

    @Test("the host is told to a broker that has many names, an address is not")
    func serverName() async throws {
        let issued = try await CertificateAuthority().issue("broker")
        for (host, isTold) in [("localhost", true), ("127.0.0.1", false)] {
            let port = try FreePort.find()
            let server = [
                "s_server", "-www", "-tlsextdebug", "-accept", "127.0.0.1:\(port)", "-cert",
                issued.certificate,
                "-key", issued.key,
            ]
            try await ProgramUnderTest.with("/usr/bin/openssl", server) { program in
                _ = try await program.line(containing: "ACCEPT")
                _ = try await refusal(
                    BrokerSettings(
                        endpoints: [Endpoint(host: host, port: port, usesTLS: true)],
                        connectionName: "secure-tests"
                    )
                )
                _ = try await program.line(containing: "supported versions")
                #expect(program.lines.contains { $0.contains("server name") } == isTold)
            }
        }
    }

    @Test("a reason that only a person can remove is logged although the loss was told for another reason")
    func toldAgain() async throws {
        let authority = try await CertificateAuthority()
        let old = try await authority.issue("old", .past)
        let port = try FreePort.reserve()
        let lines = LogLines()
        let inspector = Operator(
            settings: BrokerSettings(
                endpoints: [Endpoint(host: "127.0.0.1", port: port, usesTLS: true)],
                security: TransportSecurity(authorities: authority.file),
                connectionName: "secure-tests"
            ),
            logger: Logger(label: "told") { _ in lines }
        )
        let server = [
            "s_server", "-www", "-accept", "127.0.0.1:\(port)", "-cert", old.certificate, "-key", old.key,
        ]
        try await running(inspector) {
            try await eventually("the loss is told") { lines.all.count == 1 }
            try await ProgramUnderTest.with("/usr/bin/openssl", server) { _ in
                try await eventually("the other reason is told") { lines.all.count == 2 }
                let attempts = lines.debugCount
                try await eventually("it is tried again") { lines.debugCount > attempts + 2 }
            }
        }
        #expect(lines.all.count == 2, "\(lines.all)")
        #expect(
            lines.all.first?.contains("refused") == true && lines.all.last?.contains("expired on") == true
        )
    }

    @Test("one that is silent in the handshake hangs nobody")
    func silence() async throws {
        let listener = try SilentListener()
        let settings = BrokerSettings(
            endpoints: [Endpoint(host: "127.0.0.1", port: listener.port, usesTLS: true)],
            connectionName: "secure-tests",
            attemptPatience: .milliseconds(300)
        )
        let reason = try await refusal(settings)
        #expect(reason.contains("no answer to the TLS handshake"), "\(reason)")
    }
}
