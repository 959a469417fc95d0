import Curl
import FoundationEssentials
import Glibc
import OrderEvents
import RabbitMQNode
import TestSupport
import Testing

/// The real program, a real broker, a real mail server.
@Suite("Customers are written to", .serialized, .broker)
struct NotificationWorkerTests {
    private func settings(_ python: PythonServer, _ more: [String: String] = [:]) -> [String: String] {
        [
            "NOTIFICATION_TRANSPORT": "smtp", "SMTP_URL": "smtp://localhost:\(python.port)",
            "SMTP_TLS": "none",
        ]
        .merging(more) { $1 }
    }

    @Test("a mail with a name and a subject outside ASCII, text and page, through TLS and a login")
    func whole() async throws {
        let directory = try await PythonServer.certified()
        let options = ["--tls", "starttls", "--login", "me", "s3cr3t"]
        try await PythonServer.run("smtp_server", options, in: directory) { python in
            let protected = settings(
                python,
                [
                    "SMTP_TLS": "required", "SMTP_CA_FILE": directory.text(of: "cert.pem"), "SMTP_USER": "me",
                    "SMTP_PASSWORD": "s3cr3t",
                ]
            )
            let customers = "7,\"Käthe \"\"K.\"\" Größe\",kaethe@x.example,,email,de\n"
            try await NotificationRig.run(protected, customers: customers) { rig in
                try await rig.worker { worker in
                    try await rig.publish(
                        NotificationRig.order(1, user: 7, email: .some(nil)).json(),
                        id: "event-1"
                    )
                    let rejected = InventoryRejected(
                        NotificationRig.order(2, email: "other@x.example"),
                        productName: "<b>Laptop</b>\r\nBcc: all@x.example",
                        remaining: 1,
                        rejectedAt: Timestamp(milliseconds: 0)
                    )
                    try await rig.publish(rejected.json(), type: "inventory.rejected", id: "event-2")
                    try await eventually("both mails are there; the worker said:\n\(worker.transcript)") {
                        try python.events("mail").count == 2
                    }
                    let transcript = worker.transcript
                    for secret in ["s3cr3t", "kaethe@", "other@", "Größe"] {
                        #expect(!transcript.contains(secret))
                    }
                }
                let mails = try python.events("mail")
                #expect(
                    mails.allSatisfy {
                        $0.tls == true && $0.authenticated == true && $0.sender == "shop@x.example"
                    }
                )
                let german = try #require(mails.first { $0.recipients == ["kaethe@x.example"] }?.file)
                try await checkGerman(ParsedMail.read(directory.text(of: german)))
                let apology = try #require(mails.first { $0.recipients == ["other@x.example"] }?.file)
                try await checkApology(ParsedMail.read(directory.text(of: apology)))
            }
        }
    }

    private func checkGerman(_ mail: ParsedMail) {
        #expect(mail.defects == 0)
        #expect(mail.headers["Subject"] == "Bestellbestätigung")
        #expect(mail.headers["To"]?.contains("Käthe") == true)
        #expect(mail.headers["To"]?.hasSuffix("<kaethe@x.example>") == true)
        #expect(mail.headers["From"] == "Läden <shop@x.example>")
        #expect(mail.headers["Message-ID"] == "<event-1@x.example>")
        #expect(mail.headers["Date"]?.hasSuffix("+0000") == true)
        #expect(mail.parts.map { $0[0] } == ["text/plain", "text/html"])
        #expect(mail.parts[0][1].contains("Ihre Bestellung über $1999.98 ist bestätigt!"))
        #expect(mail.parts[1][1].contains("Guten Tag Käthe &quot;K.&quot; Größe,"))
    }

    private func checkApology(_ mail: ParsedMail) {
        #expect(mail.defects == 0)
        #expect(mail.headers["Subject"] == "Your order could not be fulfilled")
        #expect(mail.headers["Bcc"] == nil)
        #expect(mail.parts[0][1].contains("2 × <b>Laptop</b>"))
        #expect(mail.parts[1][1].contains("&lt;b&gt;Laptop&lt;/b&gt;"))
    }

    @Test("451 is tried again until it is taken; 550 and a customer without an address are dead letters")
    func refusals() async throws {
        try await PythonServer.run("smtp_server") { python in
            try python.control(#"{"mode": "451", "times": 2}"#)
            try await NotificationRig.run(settings(python)) { rig in
                try await rig.worker { _ in
                    try await rig.publishOrders(1..<2)
                    try await eventually("the mail is taken") { try python.events("mail").count == 1 }
                    #expect(try python.events("refused").count == 2)
                    try python.control(#"{"mode": "550"}"#)
                    try await rig.publishOrders(2..<3)
                    try await rig.publish(NotificationRig.order(3, email: .some(nil)).json(), id: "event-3")
                    try await rig.depthsBecome(queue: 0, dead: 2)
                    let letters = try await rig.deadLetters()
                    #expect(letters.allSatisfy { $0.reason == "permanent" && $0.attempts == 1 })
                    #expect(
                        Set(letters.compactMap(\.error)) == [
                            "the mail server refused a recipient (550 5.1.1)",
                            "no e-mail address: neither the order nor the customer directory has one",
                        ]
                    )
                    #expect(try python.events("mail").count == 1)
                }
            }
        }
    }

    @Test("while the server is down messages wait in the queue; one probe at a time; then each goes out once")
    func breaker() async throws {
        try await PythonServer.run("smtp_server") { python in
            try python.control(#"{"mode": "greet421"}"#)
            let quick = ["BREAKER_FAILURES": "3", "BREAKER_PAUSE": "1s", "BREAKER_LIMIT": "2s"]
            try await NotificationRig.run(settings(python, quick)) { rig in
                try await rig.worker { worker in
                    try await rig.publishOrders(0..<100)
                    _ = try await worker.line(containing: "Circuit breaker opened")
                    try await rig.depthsBecome(queue: 100)
                    let health = try await rig.admin(worker, "/health/ready")
                    #expect(health.status == 503)
                    #expect(health.text.contains("down, messages wait: smtp"))
                    let metrics = try await rig.admin(worker, "/metrics").text
                    #expect(metrics.contains(#"circuit_breaker_open{transport="smtp"} 1"#))
                    // From here on every connection is a probe.
                    let tries = try python.events("connection").count
                    let probes = self.probes(worker)
                    try await eventually("three more probes") { self.probes(worker) >= probes + 3 }
                    try await rig.depthsBecome(queue: 100)
                    let (more, moreProbes) = (
                        try python.events("connection").count - tries, self.probes(worker) - probes
                    )
                    #expect(abs(more - moreProbes) <= 1, "\(more) connections, \(moreProbes) probes")
                    try python.control(#"{"mode": "accept"}"#)
                    _ = try await worker.line(containing: "Circuit breaker closed")
                    try await eventually("all are there") { try python.events("mail").count >= 100 }
                    try await rig.depthsBecome(queue: 0)
                    #expect(try await rig.admin(worker, "/health/ready").status == 200)
                }
                let recipients = try python.events("mail").compactMap { $0.recipients?.first }
                #expect(recipients.count == 100)
                #expect(Set(recipients).count == 100)
            }
        }
    }

    private func probes(_ worker: ProgramUnderTest) -> Int {
        worker.lines.filter { $0.contains("Circuit breaker probes") }.count
    }

    @Test("a worker that is told to stop while the server is down ends at once and gives everything back")
    func stopping() async throws {
        try await PythonServer.run("smtp_server") { python in
            try python.control(#"{"mode": "greet421"}"#)
            let slow = ["BREAKER_FAILURES": "1", "BREAKER_PAUSE": "10m"]
            try await NotificationRig.run(settings(python, slow)) { rig in
                try await rig.worker { worker in
                    try await rig.publishOrders(0..<40)
                    _ = try await worker.line(containing: "Circuit breaker opened")
                    try await rig.depthsBecome(queue: 40)
                    let start = ContinuousClock.now
                    worker.process.send(SIGTERM)
                    #expect(try await worker.exit() == .code(0))
                    #expect(start.duration(to: .now) < .seconds(10))
                }
                try await rig.depthsBecome(queue: 40)
            }
        }
    }

    @Test(
        "a server that is silent about a whole mail leaves the outcome open: it is sent again, as the same mail",
        arguments: [("lose", 2), ("keep", 2), ("hang", 1)]
    )
    func unknown(mode: String, mails: Int) async throws {
        try await PythonServer.run("smtp_server") { python in
            try python.control(#"{"mode": "\#(mode)", "times": 1}"#)
            try await NotificationRig.run(settings(python, ["SMTP_TIMEOUT": "2s"])) { rig in
                try await rig.worker { worker in
                    try await rig.publishOrders(1..<2)
                    _ = try await worker.line(containing: "Sending a message that may have gone out before")
                    try await rig.depthsBecome(queue: 0)
                    #expect(
                        try await rig.admin(worker, "/metrics").text
                            .contains(#"notification_mails_total{outcome="repeated"} 1"#)
                    )
                }
                try sameMail(python, times: mails)
            }
        }
    }

    @Test("a worker killed after the server has the mail sends it again, once, under the same Message-ID")
    func killed() async throws {
        try await PythonServer.run("smtp_server") { python in
            try python.control(#"{"mode": "keep", "times": 1}"#)
            try await NotificationRig.run(settings(python)) { rig in
                try await rig.worker { worker in
                    try await rig.publishOrders(1..<2)
                    try await eventually("the server has the mail") { try python.events("mail").count == 1 }
                    _ = await worker.process.kill()
                }
                try await rig.ageClaims()
                try await rig.worker { worker in
                    _ = try await worker.line(containing: "Sending a message that may have gone out before")
                    try await rig.depthsBecome(queue: 0)
                }
                try sameMail(python, times: 2)
            }
        }
    }

    private func sameMail(_ python: PythonServer, times: Int) throws {
        let identifiers = try python.mails()
            .map { mail in mail.split(separator: "\r\n").first { $0.hasPrefix("Message-ID: ") } }
        #expect(identifiers == Array(repeating: "Message-ID: <event-1@x.example>", count: times))
    }

    @Test("a thousand mails go out once each, no faster than the rate")
    func rate() async throws {
        try await PythonServer.run("smtp_server") { python in
            try await NotificationRig.run(settings(python, ["NOTIFICATION_RATE": "200"])) { rig in
                try await rig.worker { worker in
                    let start = ContinuousClock.now
                    try await rig.publishOrders(0..<1_000)
                    try await eventually(within: .seconds(120), "all are there") {
                        try python.events("mail").count >= 1_000
                    }
                    #expect(start.duration(to: .now) >= .milliseconds(999 * 5))
                    try await rig.depthsBecome(queue: 0)
                }
                let recipients = try python.events("mail").compactMap { $0.recipients?.first }
                #expect(recipients.count == 1_000)
                #expect(Set(recipients).count == 1_000)
                #expect(try python.events("connection").count <= 4)
            }
        }
    }
}
