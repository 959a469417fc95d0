import Foundation
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing

@Suite("TLS to a real broker", .brokerInstalled, .secureBroker, .serialized)
struct SecureConnectionTests {
    @Test("thousands of messages are confirmed and consumed in order")
    func manyMessages() async throws {
        let settings = try SecureBroker.current().settings()
        let topology = Topology.single("secure.order")
        let publisher = Publisher(settings: settings, topology: topology, logger: quiet)
        let consumer = Consumer(
            settings: settings,
            queue: "secure.order",
            prefetch: 500,
            topology: topology,
            logger: quiet
        )
        try await running(publisher, consumer) {
            let messages = (0..<5000).map { message("secure.order", id: "\($0)") }
            let outcomes = await publisher.publish(contentsOf: messages, within: .seconds(60))
            #expect(outcomes.allSatisfy { $0.isConfirmed })
            var received: [String?] = []
            for await delivery in consumer.deliveries {
                received.append(delivery.properties.messageID)
                consumer.settle(delivery.tag, .acknowledge)
                if received.count == messages.count { break }
            }
            #expect(received == messages.map(\.properties.messageID))
        }
    }

    @Test("the largest body goes through in thousands of records and comes back as it was")
    func largestBody() async throws {
        let settings = try SecureBroker.current().settings()
        let publisher = Publisher(settings: settings, topology: .single("secure.large"), logger: quiet)
        let inspector = Operator(settings: settings, logger: quiet)
        try await running(publisher, inspector) {
            var large = message("secure.large", id: "large")
            large.body = (0..<OutgoingMessage.largestBody).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let outcomes = await publisher.publish(
                contentsOf: [large, message("secure.large", id: "small")],
                within: .seconds(60)
            )
            #expect(outcomes == [.confirmed, .confirmed])
            let got = try await #require(inspector.get(from: "secure.large", within: .seconds(60)))
            #expect(got.body == large.body)
            inspector.settle(got.tag, .acknowledge)
        }
    }

    @Test("a renewed file of authorities counts from the next attempt on, without a restart")
    func renewal() async throws {
        let secure = try SecureBroker.current()
        let file = secure.authority.path(of: "renewed.pem")
        let stranger = try await CertificateAuthority("Strangers")
        try FileManager.default.copyItem(atPath: stranger.file, toPath: file)
        var settings = try secure.settings()
        settings.security.authorities = file
        let publisher = Publisher(settings: settings, topology: .single("secure.renewal"), logger: quiet)
        try await running(publisher) {
            try await eventually("the broker is not trusted") {
                if case .waiting(let reason) = publisher.status {
                    reason.detail.contains("not in rabbitmq.ca")
                } else {
                    false
                }
            }
            let good = try String(contentsOfFile: secure.authority.file, encoding: .utf8)
            try good.write(toFile: file, atomically: true, encoding: .utf8)
            try await eventually("the broker is trusted") { publisher.status.isOpen }
        }
    }

    @Test("a broker's own certificate may be named instead of its authority")
    func pinned() async throws {
        let secure = try SecureBroker.current()
        var settings = try secure.settings()
        settings.security.authorities = secure.server.certificate
        let inspector = Operator(settings: settings, logger: quiet)
        try await running(inspector) {
            try await eventually("the broker is trusted, not \(inspector.status)") { inspector.status.isOpen }
        }
    }

    @Test("a client certificate is the login where the URL has no password")
    func external() async throws {
        let secure = try SecureBroker.current()
        let inspector = Operator(settings: try secure.settings("", isKnown: true), logger: quiet)
        try await running(inspector) {
            try await inspector.apply(.single("secure.external"), within: .seconds(30))
            let users = try await secure.broker.node.rabbitmqctl([
                "list_connections", "user", "auth_mechanism",
            ])
            #expect(users.contains(/certified\s+.*EXTERNAL/), "\(users)")
        }
        // The same certificate with a password beside it: the password counts.
        let byPassword = Operator(settings: try secure.settings(isKnown: true), logger: quiet)
        try await running(byPassword) {
            let isThere = try await byPassword.hasExchange("secure.external", within: .seconds(30))
            #expect(isThere)
        }
    }

    @Test("a login by certificate without a certificate is refused, and so is a port that demands one")
    func certificateMissing() async throws {
        let secure = try SecureBroker.current()
        let unknown = try await refusal(secure.settings("").with(query: "auth_mechanism=external"))
        #expect(unknown.contains("403") && unknown.contains("EXTERNAL"), "\(unknown)")
        let strict = try await refusal(secure.settings(port: secure.strictPort))
        #expect(strict.contains("the broker wants a client certificate"), "\(strict)")
    }

    @Test("a certificate of a stranger is refused by the broker, and the reason is the broker's")
    func strangeCertificate() async throws {
        let secure = try SecureBroker.current()
        var settings = try secure.settings(port: secure.strictPort)
        let stranger = try await CertificateAuthority("Strangers").issue("stranger")
        settings.security.certificate = stranger.certificate
        settings.security.key = stranger.key
        let reason = try await refusal(settings)
        #expect(reason.contains("the broker refused the client certificate"), "\(reason)")
    }

    @Test("amqps at a port for amqp, and amqp at a port for amqps, say so")
    func wrongPort() async throws {
        let secure = try SecureBroker.current()
        let plainPort = secure.broker.node.settings.ports.amqp
        let secured = try await refusal(secure.settings(port: plainPort))
        #expect(secured.contains("does not speak TLS at this port"), "\(secured)")
        var settings = try secure.settings()
        settings.endpoints = try Endpoint.parseList("amqp://localhost:\(secure.port)")
        let plain = try await refusal(settings)
        #expect(plain.contains("amqps"), "\(plain)")
    }

    @Test("the whole system runs over TLS, each program with a certificate for its login")
    func wholeSystem() async throws {
        let secure = try SecureBroker.current()
        let directory = try TemporaryDirectory("secure-system")
        let environment = [
            "UP_DIRECTORY": directory.text, "RABBITMQ_URL": "amqps://localhost:\(secure.port)",
            "RABBITMQ_CA": secure.authority.file, "RABBITMQ_CERTIFICATE": secure.client.certificate,
            "RABBITMQ_KEY": secure.client.key, "MANAGEMENT_URL": secure.broker.managementURL,
        ]
        try await ProgramUnderTest.with("orderctl", ["up"], environment: environment) { up in
            _ = try await up.line(containing: "Everything is ready", within: .seconds(120))
            let order = ["submit", "--user", "1", "--product", "1", "--quantity", "2", "--price", "9.99"]
            let submitted = try await ProgramUnderTest.run("orderctl", order, environment: environment)
            #expect(submitted.exit == .code(0), "\(submitted.error)")
            _ = try await up.line(containing: "Remaining stock: 48")
            let columns = ["list_connections", "ssl", "user", "auth_mechanism"]
            let connections = try await secure.broker.node.rabbitmqctl(columns).split(separator: "\n")
                .dropFirst()
            let expected = connections.allSatisfy {
                $0.split(separator: "\t") == ["true", "certified", "EXTERNAL"]
            }
            #expect(connections.count > 4 && expected, "\(connections)")
        }
    }

    @Test("a broker that stops in mid-traffic hangs nobody, and all goes on when it is back")
    func stoppedBroker() async throws {
        let secure = try SecureBroker.current()
        let publisher = Publisher(
            settings: try secure.settings(heartbeat: .seconds(2)),
            topology: .single("secure.stop"),
            logger: quiet
        )
        try await running(publisher) {
            #expect(
                await publisher.publish(message("secure.stop", id: "before"), within: .seconds(20))
                    == .confirmed
            )
            await secure.broker.node.pause()
            // More than the socket holds, so that sealed bytes wait too.
            var large = message("secure.stop", id: "large")
            large.body = Array(repeating: 7, count: 8 << 20)
            let outcomes = await publisher.publish(contentsOf: [large, large], within: .seconds(3))
            #expect(outcomes.allSatisfy { !$0.isConfirmed })
            try await eventually("two missed heartbeats are noticed") { !publisher.status.isOpen }
            await secure.broker.node.resume()
            try await eventually("the publisher is back") { publisher.status.isOpen }
            #expect(
                await publisher.publish(message("secure.stop", id: "after"), within: .seconds(20))
                    == .confirmed
            )
        }
    }

    @Test(
        "a record that is cut off, or changed on its way, ends its connection, and the next one works",
        arguments: [("cut", 2), ("cut", 12), ("change", 3), ("change", 12)]
    )
    func brokenRecord(way: String, records: Int) async throws {
        let secure = try SecureBroker.current()
        let script = "\(PackageLayout.root)/Tests/Servers/breaking_proxy.py"
        let arguments = [script, "\(secure.port)", way, "\(records)"]
        try await ProgramUnderTest.with("/usr/bin/python3", arguments) { proxy in
            let line = try await proxy.line(containing: "listening on")
            let port = try #require(line.split(separator: " ").last.flatMap { UInt16($0) })
            let publisher = Publisher(
                settings: try secure.settings(port: port),
                topology: .single("secure.broken"),
                logger: quiet
            )
            try await running(publisher) {
                try await eventually("the proxy has broken a record") {
                    // Each publish brings at least one record back.
                    _ = await publisher.publish(message("secure.broken", id: "before"), within: .seconds(20))
                    return proxy.lines.contains("broken")
                }
                let after = message("secure.broken", id: "after")
                try await eventually("the next connection works") {
                    await publisher.publish(after, within: .seconds(20)) == .confirmed
                }
            }
        }
    }

    @Test("a killed and restarted broker is found again")
    func killedBroker() async throws {
        let secure = try SecureBroker.current()
        let publisher = Publisher(
            settings: try secure.settings(),
            topology: .single("secure.kill"),
            logger: quiet
        )
        try await running(publisher) {
            #expect(
                await publisher.publish(message("secure.kill", id: "before"), within: .seconds(20))
                    == .confirmed
            )
            try await secure.broker.waitUntilRegistered("secure.kill")
            await secure.broker.node.kill()
            try await eventually("the loss is noticed") { !publisher.status.isOpen }
            try await secure.broker.startAgain()
            #expect(
                await publisher.publish(message("secure.kill", id: "after"), within: .seconds(60))
                    == .confirmed
            )
        }
    }
}

/// Why a connection does not come about.
func refusal(_ settings: BrokerSettings) async throws -> String {
    let inspector = Operator(settings: settings, logger: quiet)
    return try await running(inspector) {
        try await eventualValue("the connection is refused, not \(inspector.status)") {
            if case .waiting(let reason) = inspector.status { reason.description } else { nil }
        }
    }
}

extension BrokerSettings {
    /// The same, with another way to log in.
    fileprivate func with(query: String) throws -> BrokerSettings {
        var settings = self
        settings.endpoints = try endpoints.map { try Endpoint(url: "\($0)?\(query)") }
        return settings
    }
}
