import Curl
import FoundationEssentials
import OrderEvents
import RabbitMQNode
import TestSupport
import Testing

/// The real program, a real broker, and a receiver that verifies signatures with Python's `hmac`.
@Suite("Customers get short texts through a webhook", .serialized, .broker)
struct NotificationWebhookTests {
    private func settings(_ python: PythonServer, _ more: [String: String] = [:]) -> [String: String] {
        [
            "NOTIFICATION_SMS_TRANSPORT": "webhook",
            "WEBHOOK_URL": "http://127.0.0.1:\(python.port)/send?t=t0ken",
            "WEBHOOK_SECRET": "s3cr3t key ü",
        ]
        .merging(more) { $1 }
    }

    private let customers = """
        7,Käthe,kaethe@x.example,+49 30 23125004,sms,de
        8,Ada,ada@x.example,,email,en

        """

    @Test("a request is signed, names the event, and holds the text in the customer's language")
    func signed() async throws {
        try await PythonServer.run("webhook_server", ["s3cr3t key ü"]) { python in
            try await NotificationRig.run(settings(python), customers: customers) { rig in
                try await rig.worker { worker in
                    try await rig.publish(NotificationRig.order(1, user: 7).json(), id: "event-1")
                    // Has another channel, whose transport is the log.
                    try await rig.publish(NotificationRig.order(2, user: 8).json(), id: "event-2")
                    try await eventually("the request is there") { try python.events("request").count == 1 }
                    try await rig.depthsBecome(queue: 0)
                    let request = try #require(python.events("request").first)
                    #expect(request.signed == true)
                    #expect(request.key == "event-1")
                    #expect(request.type == "application/json")
                    #expect(request.body?.to == "+49 30 23125004")
                    #expect(request.body?.text == "Ihre Bestellung über $1999.98 ist bestätigt!")
                    #expect(request.body?.id == "event-1")
                    #expect(try python.events("request").count == 1)
                    #expect(!worker.transcript.contains("23125004"))
                }
            }
        }
    }

    @Test("another key makes no valid signature")
    func forged() async throws {
        try await PythonServer.run("webhook_server", ["another"]) { python in
            try await NotificationRig.run(settings(python), customers: customers) { rig in
                try await rig.worker { _ in
                    try await rig.publish(NotificationRig.order(1, user: 7).json(), id: "event-1")
                    try await eventually("the request is there") { try python.events("request").count == 1 }
                    #expect(try python.events("request").first?.signed == false)
                }
            }
        }
    }

    @Test(
        "429 is tried again when the server asks for it; 400 and a customer without a number are dead letters"
    )
    func refusals() async throws {
        try await PythonServer.run("webhook_server", ["s3cr3t key ü"]) { python in
            try python.control(#"{"status": 429, "headers": {"Retry-After": "2"}, "times": 1}"#)
            let all = settings(python, ["NOTIFICATION_TRANSPORT": "sms"])
            try await NotificationRig.run(all, customers: customers) { rig in
                try await rig.worker { worker in
                    let start = ContinuousClock.now
                    try await rig.publish(NotificationRig.order(1, user: 7).json(), id: "event-1")
                    try await eventually("it is taken") { try python.events("request").last?.status == 200 }
                    // The first delay of the ladder is 200 ms.
                    #expect(start.duration(to: .now) >= .seconds(2))
                    #expect(try python.events("request").map(\.key) == ["event-1", "event-1"])
                    try python.control(#"{"status": 400}"#)
                    try await rig.publish(NotificationRig.order(2, user: 7).json(), id: "event-2")
                    try await rig.publish(NotificationRig.order(3, user: 8).json(), id: "event-3")
                    try await rig.depthsBecome(queue: 0, dead: 2)
                    let letters = try await rig.deadLetters()
                    #expect(letters.allSatisfy { $0.reason == "permanent" })
                    #expect(
                        Set(letters.compactMap(\.error)) == [
                            "the webhook answered 400",
                            "no telephone number: neither the order nor the customer directory has one",
                        ]
                    )
                    #expect(!worker.transcript.contains("t0ken") && !worker.transcript.contains("s3cr3t"))
                }
            }
        }
    }

    @Test("a receiver that answers 503 opens the breaker; when it is back each text arrives once")
    func breaker() async throws {
        try await PythonServer.run("webhook_server", ["s3cr3t key ü"]) { python in
            try python.control(#"{"status": 503}"#)
            let quick = settings(
                python,
                ["BREAKER_FAILURES": "2", "BREAKER_PAUSE": "500ms", "BREAKER_LIMIT": "1s"]
            )
            try await NotificationRig.run(quick, customers: customers) { rig in
                try await rig.worker { worker in
                    for number in 0..<30 {
                        try await rig.publish(
                            NotificationRig.order(number, user: 7).json(),
                            id: "event-\(number)"
                        )
                    }
                    _ = try await worker.line(containing: "Circuit breaker opened")
                    try await rig.depthsBecome(queue: 30)
                    // Mails have another transport, which works.
                    try await rig.publish(NotificationRig.order(99, user: 8).json(), id: "event-99")
                    try python.control(#"{"status": 200}"#)
                    _ = try await worker.line(containing: "Circuit breaker closed")
                    try await rig.depthsBecome(queue: 0)
                }
                let taken = try python.events("request").filter { $0.status == 200 }
                #expect(taken.allSatisfy { $0.signed == true })
                #expect(Set(taken.compactMap(\.key)).count == 30)
                #expect(taken.count == 30)
            }
        }
    }

    @Test("a receiver that fails may have passed the text on: it is sent again under the same key")
    func failing() async throws {
        try await PythonServer.run("webhook_server", ["s3cr3t key ü"]) { python in
            try python.control(#"{"status": 500, "times": 1}"#)
            try await NotificationRig.run(settings(python), customers: customers) { rig in
                try await rig.worker { worker in
                    try await rig.publish(NotificationRig.order(1, user: 7).json(), id: "event-1")
                    _ = try await worker.line(containing: "Sending a message that may have gone out before")
                    try await rig.depthsBecome(queue: 0)
                    #expect(try python.events("request").map(\.status) == [500, 200])
                    #expect(try python.events("request").map(\.key) == ["event-1", "event-1"])
                    let metrics = try await rig.admin(worker, "/metrics").text
                    #expect(metrics.contains(#"notification_mails_total{outcome="repeated"} 1"#))
                }
            }
        }
    }
}
