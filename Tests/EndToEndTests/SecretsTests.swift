import Curl
import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

@Suite("Secrets stay where they are", .serialized, .broker)
struct SecretsTests {
    private static let order =
        #"{"user_id":1,"product_id":1,"quantity":1,"price":1,"email":"a@x.example","phone":"12345"}"#

    @Test(
        "no line, answer, metric, error or command line of a program has one, while it works and when all refuse it",
        arguments: ["smtp", "webhook"]
    )
    func untold(transport: String) async throws {
        try await SecretsRig.run { rig in
            let entry = "shop/admin/\(try await digest(of: SecretsRig.key))"
            var environment = try rig.environment(transport: transport, entry: entry)
            environment["DATABASE_URL"] = "sqlite:\(rig.directory.text(of: "orders.db"))"
            try await ProgramUnderTest.with("order-service", environment: environment) {
                [environment] service in
                var own = environment
                own["DATABASE_URL"] = "sqlite:\(rig.directory.text(of: "notification.db"))"
                try await ProgramUnderTest.with("notification-worker", environment: own) { worker in
                    let told = try await everythingTold(by: service, worker, rig, environment)
                    for secret in [SecretsRig.mark, entry, String(entry.suffix(64))] {
                        #expect(told.filter { $0.contains(secret) } == [])
                    }
                    #expect(told.contains { $0.contains("Circuit breaker opened") })
                }
            }
        }
    }

    @Test(
        "settings that cannot be used are named, and nothing of their values is shown",
        arguments: ["order-service", "notification-worker", "orderctl"]
    )
    func badSettings(program: String) async throws {
        let mark = SecretsRig.mark
        let finished = try await ProgramUnderTest.run(
            program,
            program == "orderctl" ? ["show", "x"] : [],
            environment: [
                "RABBITMQ_URL": "amqp://a:\(mark)@[/", "DATABASE_URL": "mysql://a:\(mark)@b/c",
                "HTTP_KEYS": "shop/\(mark)",
                "ORDER_SERVICE_KEY": "\(mark) \(mark)", "SMTP_URL": "http://a:\(mark)@b",
                "SMTP_PASSWORD": "\(mark)\n",
                "WEBHOOK_URL": "ftp://\(mark)", "UP_DIRECTORY": "/nonexistent",
            ]
        )
        #expect(finished.exit == .code(78))
        #expect(!(finished.output + finished.error).contains(mark))
    }

    /// Lets both programs work, fail and be refused.
    ///
    /// - Returns: Everything that they, and `orderctl` beside them, said and answered.
    private func everythingTold(
        by service: ProgramUnderTest,
        _ worker: ProgramUnderTest,
        _ rig: SecretsRig,
        _ environment: [String: String]
    ) async throws -> [String] {
        let shop = try await address(in: service.line(containing: #""Listening""#))
        let admin = try await address(in: worker.line(containing: "Admin listening"))
        _ = try await worker.line(containing: "notification-worker consume")
        var told: [String] = []
        func ask(
            _ method: String,
            _ url: String,
            key: String? = SecretsRig.key,
            body: String? = nil
        ) async throws -> Int {
            let answer = try await rig.send(method, url, key: key, body: body)
            told += answer.headers.map { "\($0.name): \($0.value)" } + [answer.text]
            return answer.status
        }
        #expect(try await ask("POST", shop + "/orders", body: Self.order) == 201)
        #expect(
            try await ask("POST", shop + "/orders", key: "wrong-\(SecretsRig.mark)", body: Self.order) == 401
        )
        #expect(try await ask("POST", shop + "/orders", body: #"{"user_id":"x"}"#) == 422)
        _ = try await worker.line(containing: "Circuit breaker opened")
        for round in ["while the login is good", "when it is refused"] {
            #expect(try await ask("GET", shop + "/orders") == 200, "\(round)")
            for path in ["/metrics", "/openapi.yaml", "/asyncapi.yaml", "/health/ready", "/nothing"] {
                _ = try await ask("GET", shop + path)
            }
            for path in ["/metrics", "/health/ready"] { _ = try await ask("GET", admin + path, key: nil) }
            if round == "when it is refused" { break }
            try await rig.changePassword()
            for program in [service, worker] {
                _ = try await program.line(containing: "Broker connection refused")
            }
        }
        for arguments in [
            ["show", "x"], ["submit", "--user=1", "--product=1", "--quantity=1", "--price=1"], ["doctor"],
        ] {
            let all = environment.merging(["ORDER_SERVICE_URL": shop]) { $1 }
            let finished = try await ProgramUnderTest.run("orderctl", arguments, environment: all)
            told += [finished.output, finished.error]
        }
        for program in [service, worker] {
            told += program.lines + program.errorLines
            let file = "/proc/\(program.process.pid)/cmdline"
            told.append(
                String(decoding: try #require(FileManager.default.contents(atPath: file)), as: UTF8.self)
            )
        }
        return told
    }

    private func address(in line: String) throws -> String {
        String(try #require(line.firstMatch(of: /http:\/\/[0-9.:]+/)).0)
    }

    /// SHA-256 by a program that is not ours.
    private func digest(of text: String) async throws -> String {
        let finished = try await ProgramUnderTest.run(
            "/bin/sh",
            ["-c", #"printf %s "$1" | sha256sum"#, "sh", text]
        )
        return String(finished.output.prefix(64))
    }
}
