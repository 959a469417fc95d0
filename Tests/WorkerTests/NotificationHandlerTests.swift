import Database
import OrderEvents
import ServiceKit
import Synchronization
import TestSupport
import Testing
import WorkQueue

@testable import NotificationWorker

/// Keeps what was sent; fails as often as it is told to.
private final class RecordingTransport: MessageTransport {
    private let mails = Mutex<[OutgoingMail]>([])
    private let failures: Mutex<[TransportError]>

    init(failures: [TransportError] = []) {
        self.failures = Mutex(failures)
    }

    var sent: [OutgoingMail] { mails.withLock { $0 } }

    func send(_ mail: OutgoingMail) async throws(TransportError) {
        let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let failure { throw failure }
        mails.withLock { $0.append(mail) }
    }
}

@Suite("The notification handler")
struct NotificationHandlerTests {
    private let scratch: Scratch
    private let screen = Screen()
    private let metrics = PrometheusRegistry()

    init() throws {
        scratch = try Scratch()
    }

    private func instance(_ transport: any MessageTransport) throws -> NotificationHandler {
        NotificationHandler(
            store: NotificationStore(database: try scratch.open(NotificationSchema.migrations)),
            template: try MailTemplate.load("order-created", from: shipped("templates")),
            transport: transport,
            logger: screen.logger,
            metrics: metrics
        )
    }

    @Test("a mail is sent, and shown exactly as the contract says")
    func sent() async throws {
        let transport = RecordingTransport()
        let handler = try instance(transport)
        #expect(await handler.handle(order(email: "a@b.example"), in: context("e1")) == .done)
        #expect(transport.sent.first?.recipient == .address("a@b.example"))
        #expect(
            screen.shown == [
                """
                📧 NOTIFICATION: Sending email to user 123
                   Subject: Order Confirmation
                   Message: Your order of $1999.98 has been confirmed!

                """
            ]
        )
    }

    @Test("a duplicate delivery sends no second mail, one after the other or at once, whoever gets it")
    func duplicates() async throws {
        let transport = RecordingTransport()
        let instances = try (0..<3).map { _ in try instance(transport) }
        let verdicts = await withTaskGroup(of: Verdict.self) { group in
            for index in 0..<30 {
                group.addTask { await instances[index % 3].handle(order(), in: context("e1")) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(transport.sent.count == 1)
        #expect(verdicts.contains(.done))
        #expect(await instances[1].handle(order(), in: context("e1")) == .done)
        #expect(transport.sent.count == 1)
        #expect(screen.shown.count == 1)
    }

    @Test("a transport that fails for now is tried again at once when the event comes again")
    func retried() async throws {
        let transport = RecordingTransport(failures: [
            TransportError(advice: .retryLater, detail: "disk full")
        ])
        let handler = try instance(transport)
        #expect(await handler.handle(order(), in: context("e1")) == .retry("disk full"))
        #expect(screen.shown.isEmpty)
        #expect(await handler.handle(order(), in: context("e1", attempt: 2)) == .done)
        #expect(transport.sent.count == 1)
    }

    @Test("a mail that can never be sent is a dead letter")
    func permanent() async throws {
        let transport = RecordingTransport(failures: [
            TransportError(advice: .giveUp, detail: "no such address")
        ])
        let handler = try instance(transport)
        #expect(await handler.handle(order(), in: context("e1")) == .deadLetter("no such address"))
    }

    @Test(
        "while another instance is sending, the event is looked at twice soon, then after the rest of its lease"
    )
    func held() async throws {
        let store = NotificationStore(database: try scratch.open(NotificationSchema.migrations))
        #expect(try await store.claim("e1", as: "crashed", at: Timestamp.now) == .granted)
        let handler = try instance(RecordingTransport())
        for attempt in 1...2 {
            let soon = await handler.handle(order(), in: context("e1", attempt: attempt))
            #expect(soon == .retry("another instance is sending this mail"))
        }
        let verdict = await handler.handle(order(), in: context("e1", attempt: 3))
        guard case .retry(let note, let rest?) = verdict else {
            Issue.record("not retried: \(verdict)")
            return
        }
        #expect(note == "another instance is sending this mail")
        #expect(rest > .zero && rest <= NotificationStore.lease)
    }

    @Test("a currency that is none cannot reach a customer's eyes")
    func currency() async throws {
        let transport = RecordingTransport()
        let verdict = try await instance(transport).handle(order(currency: "usd\n"), in: context("e1"))
        #expect(verdict == .deadLetter("currency must be three capital letters"))
        #expect(transport.sent.isEmpty)
    }

    @Test("the address is personal: it is in no log line and in no note")
    func privacy() async throws {
        let handler = try instance(
            try FileTransport(directory: scratch.path("mail"), from: MailAddress(name: "", address: "s@x"))
        )
        let verdict = await handler.handle(order(email: "private@x, y@z"), in: context("e1"))
        #expect(verdict == .deadLetter("the recipient's address cannot be used"))
        #expect(!screen.shown.joined().contains("private"))
    }
}
