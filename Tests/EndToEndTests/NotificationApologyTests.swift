import Curl
import RabbitMQNode
import TestSupport
import Testing

@Suite("An order beyond the stock, through the whole system", .serialized, .brokerInstalled)
struct NotificationApologyTests {
    @Test("the customer gets the confirmation and then, once, the apology by mail")
    func apology() async throws {
        try await PythonServer.run("smtp_server") { python in
            let environment = [
                "NOTIFICATION_TRANSPORT": "smtp", "SMTP_URL": "smtp://localhost:\(python.port)",
                "SMTP_TLS": "none", "NOTIFICATION_FROM": "Shop <shop@x.example>",
            ]
            try await OrderSystem.run(environment: environment) { system in
                let order =
                    #"{"user_id":1002,"product_id":1,"quantity":51,"price":2,"email":"own@x.example"}"#
                #expect(try await system.place(order).status == 201)
                try await eventually(within: .seconds(60), "both mails; up said:\n\(system.up.transcript)") {
                    try python.events("mail").count >= 2
                }
                let mails = try python.events("mail")
                #expect(mails.count == 2)
                #expect(mails.allSatisfy { $0.recipients == ["own@x.example"] })
                var subjects: Set<String> = []
                for mail in mails {
                    let path = python.directory.text(of: mail.file ?? "")
                    let parsed = try await ParsedMail.read(path)
                    subjects.insert(parsed.headers["Subject"] ?? "")
                    #expect(parsed.parts.count == 2)
                }
                // Customer 1002 of the shipped directory reads German.
                #expect(subjects == ["Bestellbestätigung", "Ihre Bestellung kann nicht ausgeführt werden"])
            }
        }
    }
}
