import FoundationEssentials
import TestSupport
import Testing

@testable import ServiceKit

@Suite("The certificate of the HTTP server")
struct ServerCertificateTests {
    private struct Read {
        var certificate: ServerCertificate?
        var problems: [String] = []

        init(_ environment: [String: String]) async {
            let sources = await SettingsSources(
                program: "shop",
                arguments: ["--config-directory", "/nowhere"],
                environment: environment
            )
            var checklist = SettingsChecklist(sources)
            certificate = ServerCertificate.read(&checklist)
            do throws(SettingsError) { try checklist.finish() } catch { problems = error.problems }
        }
    }

    @Test("is none unless it is named, and is named together with its key")
    func pairs() async {
        let none = await Read(["HTTP_TLS_CERTIFICATE": "none", "HTTP_TLS_KEY": "none"])
        #expect(none.certificate == nil && none.problems.isEmpty)
        let alone = await Read(["HTTP_TLS_CERTIFICATE": "/nowhere/shop.pem"])
        #expect(alone.problems == ["http.tls.key: must be set where http.tls.certificate is"])
        let key = await Read(["HTTP_TLS_KEY": "/nowhere/shop.key"])
        #expect(key.problems == ["http.tls.certificate: must be set where http.tls.key is"])
    }

    #if !TLS
    @Test("is refused by a program that could only answer in the open, with the way to another")
    func notBuiltIn() async throws {
        let issued = try await CertificateAuthority().issue("shop")
        let read = await Read(["HTTP_TLS_CERTIFICATE": issued.certificate, "HTTP_TLS_KEY": issued.key])
        #expect(read.certificate == nil)
        let rule = "needs a program that can answer HTTPS: build it with `swift build --traits TLS`"
        #expect(read.problems == ["http.tls.certificate: \(rule)"])
    }
    #else
    @Test("that cannot be used is refused at the start, by its key and without its content")
    func unusable() async throws {
        let authority = try await CertificateAuthority()
        let issued = try await authority.issue("shop")
        let other = try await authority.issue("other")
        let locked = authority.path(of: "locked.key")
        try await CertificateAuthority.openssl(
            ["pkey", "-in", issued.key, "-aes128", "-passout", "pass:secret", "-out", locked]
        )
        for file in ["/nowhere/shop.pem", issued.key, "/dev/null"] {
            let read = await Read(["HTTP_TLS_CERTIFICATE": file, "HTTP_TLS_KEY": issued.key])
            #expect(
                read.problems == ["http.tls.certificate: must be a PEM file with a certificate"],
                "\(file)"
            )
        }
        let keys = [
            (other.key, "must be the key of the certificate in http.tls.certificate"),
            (locked, "must be a PEM file with a key, without a passphrase"),
            ("/nowhere/shop.key", "must be a PEM file with a key, without a passphrase"),
        ]
        for (key, rule) in keys {
            let read = await Read(["HTTP_TLS_CERTIFICATE": issued.certificate, "HTTP_TLS_KEY": key])
            #expect(read.problems == ["http.tls.key: \(rule)"])
        }
    }

    @Test("is what clients verify; nobody is answered in the open or by an old protocol")
    func answers() async throws {
        let authority = try await CertificateAuthority()
        let issued = try await authority.issue("shop")
        let named = ServerCertificate(certificate: issued.certificate, key: issued.key)
        try await HTTPListenerTests()
            .withListener(certificate: named) { port in
                func curl(_ options: String..., scheme: String = "https") async throws -> String {
                    let call =
                        ["-q", "-sS", "--max-time", "20", "-w", " %{exitcode}", "-d", "hello"] + options
                    let finished = try await ProgramUnderTest.run(
                        "/usr/bin/curl",
                        call + ["\(scheme)://localhost:\(port)/echo"]
                    )
                    return finished.output
                }
                #expect(try await curl("--cacert", authority.file) == "hello 0")
                // 60: the peer's certificate cannot be verified; 35: no agreement on a protocol.
                #expect(try await curl() == " 60")
                #expect(try await curl("--cacert", authority.file, "--tls-max", "1.1") == " 35")
                #expect(try await curl(scheme: "http") != "hello 0")
                // Behind TLS the limits are the same.
                let large = try await curl(
                    "--cacert",
                    authority.file,
                    "-H",
                    "X-Long: \(String(repeating: "a", count: 20_000))",
                    "-i"
                )
                #expect(large.hasPrefix("HTTP/1.1 400 Bad Request"))
                #expect(try await curl("--cacert", authority.file) == "hello 0")
            }
    }

    @Test("does not let a client in the middle of its handshake take up the server for ever")
    func silentHandshake() async throws {
        let authority = try await CertificateAuthority()
        let issued = try await authority.issue("shop")
        let named = ServerCertificate(certificate: issued.certificate, key: issued.key)
        try await HTTPListenerTests()
            .withListener(patience: .milliseconds(300), certificate: named) { port in
                // The beginning of a ClientHello.
                _ = try await Conversation(port: port, saying: "\\x16\\x03\\x01\\x02").answer()
            }
    }
    #endif
}
