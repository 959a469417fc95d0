import FoundationEssentials
import RabbitMQ
import TestSupport
import Testing

@testable import ServiceKit

@Suite("The files for TLS to the broker")
struct TransportSecurityTests {
    private struct Read {
        var broker: BrokerSettings
        var problems: [String] = []
        var warnings: [String] = []

        init(_ environment: [String: String]) async {
            let sources = await SettingsSources(
                program: "shop",
                arguments: ["--config-directory", "/nowhere"],
                environment: environment
            )
            var checklist = SettingsChecklist(sources)
            broker = BrokerSettings(reading: &checklist, connectionName: "shop")
            warnings = checklist.warnings
            do throws(SettingsError) { try checklist.finish() } catch { problems = error.problems }
        }
    }

    @Test("are optional, and their defaults have names of their own")
    func defaults() async {
        let words = ["RABBITMQ_CA": "system", "RABBITMQ_CERTIFICATE": "none", "RABBITMQ_KEY": "none"]
        for environment in [[:], words] {
            let read = await Read(environment)
            #expect(read.broker.security == TransportSecurity())
            #expect(read.problems.isEmpty && read.warnings.isEmpty)
        }
    }

    @Test("that are good are taken, and a key that everybody may read is warned of")
    func good() async throws {
        let authority = try await CertificateAuthority()
        let issued = try await authority.issue("client")
        let environment = [
            "RABBITMQ_URL": "amqps://broker", "RABBITMQ_CA": authority.file,
            "RABBITMQ_CERTIFICATE": issued.certificate, "RABBITMQ_KEY": issued.key,
        ]
        let read = await Read(environment)
        #expect(read.problems.isEmpty && read.warnings.isEmpty)
        #expect(read.broker.security.authorities == authority.file)
        let inTheOpen = await Read(["RABBITMQ_CA": authority.file])
        #expect(inTheOpen.warnings == ["rabbitmq.url has no amqps://, so that certificates are not used"])
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: issued.key)
        let open = await Read(environment)
        #expect(open.problems.isEmpty)
        #expect(open.warnings.map { $0.hasPrefix("rabbitmq.key may be read by every user") } == [true])
    }

    @Test("that cannot be used are refused at the start, each by its key and without its content")
    func bad() async throws {
        let authority = try await CertificateAuthority()
        let issued = try await authority.issue("client")
        let other = try await authority.issue("other")
        let locked = authority.path(of: "locked.key")
        try await CertificateAuthority.openssl(
            ["pkey", "-in", issued.key, "-aes128", "-passout", "pass:secret", "-out", locked]
        )
        let broken = authority.path(of: "broken.pem")
        let text = try String(contentsOfFile: authority.file, encoding: .utf8)
        try Data(text.replacing("\nM", with: "\n!").utf8).write(to: URL(filePath: broken))
        let ca = ["RABBITMQ_CA": "/nowhere/ca.pem"]
        #expect(await Read(ca).problems == ["rabbitmq.ca: cannot be read: No such file or directory"])
        for file in [issued.key, broken, "/dev/null"] {
            let problems = await Read(["RABBITMQ_CA": file]).problems
            #expect(problems.count == 1 && problems[0].hasPrefix("rabbitmq.ca: "), "\(problems)")
        }
        let alone = await Read(["RABBITMQ_CERTIFICATE": issued.certificate])
        #expect(alone.problems == ["rabbitmq.key: is needed with rabbitmq.certificate"])
        let keys = [
            (other.key, "is not the key of rabbitmq.certificate"),
            (locked, "is locked with a passphrase; store it without one"),
            (issued.certificate, "holds no private key in PEM form"),
            (authority.path(of: ""), "must be a file"),
        ]
        for (key, rule) in keys {
            let read = await Read(["RABBITMQ_CERTIFICATE": issued.certificate, "RABBITMQ_KEY": key])
            #expect(read.problems == ["rabbitmq.key: \(rule)"])
        }
        let pasted = try String(contentsOfFile: issued.key, encoding: .utf8)
        let content = await Read(["RABBITMQ_CERTIFICATE": issued.certificate, "RABBITMQ_KEY": pasted])
        #expect(
            content.problems.first
                == "rabbitmq.key: must be the path of a PEM file, not its content (RABBITMQ_KEY)"
        )
    }
}
