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
    private let messages = Mutex<[CustomerMessage]>([])
    private let failures: Mutex<[TransportError]>
    let addressNeeded: String?
    let doneNote = "Recorded"

    init(failures: [TransportError] = [], addressNeeded: String? = nil) {
        self.failures = Mutex(failures)
        self.addressNeeded = addressNeeded
    }

    var sent: [CustomerMessage] { messages.withLock { $0 } }

    var failuresLeft: Int { failures.withLock { $0.count } }

    func send(_ message: CustomerMessage) async throws(TransportError) {
        let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let failure { throw failure }
        messages.withLock { $0.append(message) }
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

    private func store() throws -> NotificationStore {
        NotificationStore(database: try scratch.open(NotificationSchema.migrations))
    }

    private func handler<Event: CustomerEvent>(
        _ transport: any MessageTransport,
        for type: Event.Type,
        failures: Int = 5,
        longestHold: Duration = .seconds(300)
    ) throws -> NotificationHandler<Event> {
        let policy = BreakerPolicy(failures: failures, pause: .milliseconds(100))
        let breaker = CircuitBreaker("test", policy: policy, logger: screen.logger, metrics: metrics)
        let outlet = Outlet(
            transport: transport,
            breaker: breaker,
            rate: SendRate(perSecond: nil),
            longestHold: longestHold
        )
        let writer = MessageWriter(
            directory: CustomerDirectory([
                5: Customer(phone: "+49 30 1", channel: .sms, language: "de")
            ]),
            templates: try MessageTemplates.load(from: shipped("templates")),
            language: "en",
            onlyChannel: nil,
            strangers: .mail
        )
        let notifier = Notifier(
            store: try store(),
            outlets: Notifier.Outlets(email: outlet, sms: outlet),
            logger: screen.logger,
            metrics: metrics
        )
        return NotificationHandler(writer: writer, notifier: notifier)
    }

    private func instance(
        _ transport: any MessageTransport,
        failures: Int = 5,
        longestHold: Duration = .seconds(300)
    ) throws -> NotificationHandler<OrderCreated> {
        try handler(transport, for: OrderCreated.self, failures: failures, longestHold: longestHold)
    }

    @Test("a mail is sent, and shown exactly as the contract says")
    func sent() async throws {
        let transport = RecordingTransport()
        let handler = try instance(transport)
        #expect(await handler.handle(order(email: "a@b.example"), in: context("e1")) == .done("Recorded"))
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

    @Test("a customer with the channel sms gets a short text in their language")
    func shortText() async throws {
        let transport = RecordingTransport()
        var order = order()
        order.userID = 5
        #expect(try await instance(transport).handle(order, in: context("e1")) == .done("Recorded"))
        #expect(transport.sent.first?.recipient == .address("+49 30 1"))
        #expect(
            screen.shown == [
                """
                📱 NOTIFICATION: Sending SMS to user 5
                   Message: Ihre Bestellung über $1999.98 ist bestätigt!

                """
            ]
        )
    }

    @Test("an order beyond the stock is apologised for, once")
    func apology() async throws {
        let transport = RecordingTransport()
        let handler = try handler(transport, for: InventoryRejected.self)
        let event = InventoryRejected(
            order(email: "a@b.example"),
            productName: "Laptop",
            remaining: 1,
            rejectedAt: Timestamp(milliseconds: 0)
        )
        #expect(await handler.handle(event, in: context("r1")) == .done("Recorded"))
        #expect(await handler.handle(event, in: context("r1")) == .done)
        #expect(transport.sent.map(\.subject) == ["Your order could not be fulfilled"])
        #expect(transport.sent.first?.recipient == .address("a@b.example"))
        #expect(screen.shown.count == 1)
        #expect(
            screen.shown.first?
                .hasPrefix(
                    """
                    📧 NOTIFICATION: Sending email to user 123
                       Subject: Your order could not be fulfilled
                       Message: We are sorry: your order of 2 × Laptop could not be fulfilled
                    """
                ) == true
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
        #expect(verdicts.filter { $0 == .done("Recorded") }.count == 1)
        #expect(await instances[1].handle(order(), in: context("e1")) == .done)
        #expect(transport.sent.count == 1)
        #expect(screen.shown.count == 1)
    }

    @Test("a transport that fails for now is tried again at once when the event comes again")
    func retried() async throws {
        let transport = RecordingTransport(failures: [
            TransportError(advice: .retryLater, blame: .transport, wish: .seconds(7), detail: "disk full")
        ])
        let handler = try instance(transport)
        #expect(await handler.handle(order(), in: context("e1")) == .retry("disk full", after: .seconds(7)))
        #expect(screen.shown.isEmpty)
        #expect(await handler.handle(order(), in: context("e1", attempt: 2)) == .done("Recorded"))
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

    @Test("what may have gone out is sent again under the same id, and counted as a repeat")
    func unknown() async throws {
        let transport = RecordingTransport(failures: [
            TransportError(advice: .sendAgain, blame: .transport, detail: "cut off")
        ])
        let handler = try instance(transport)
        #expect(await handler.handle(order(), in: context("e1")) == .retry("cut off"))
        #expect(await handler.handle(order(), in: context("e1", attempt: 2)) == .done("Recorded"))
        #expect(transport.sent.map(\.eventID) == ["e1"])
        #expect(metrics.text().contains(#"notification_mails_total{outcome="repeated"} 1"#))
    }

    @Test("a transport without an address for the customer makes a dead letter that says so")
    func noAddress() async throws {
        let transport = RecordingTransport(addressNeeded: "e-mail address")
        let verdict = try await instance(transport).handle(order(), in: context("e1"))
        #expect(
            verdict == .deadLetter("no e-mail address: neither the order nor the customer directory has one")
        )
        #expect(transport.sent.isEmpty)
    }

    @Test("the failures that open the breaker are retried; a probe that fails waits, and is no attempt")
    func breaker() async throws {
        let down = TransportError(advice: .retryLater, blame: .transport, detail: "down")
        let transport = RecordingTransport(failures: [down, down, down, down])
        let handler = try instance(transport, failures: 2)
        #expect(await handler.handle(order(), in: context("e1")) == .retry("down"))
        #expect(await handler.handle(order(), in: context("e2")) == .retry("down"))
        // Two probes of the same event fail, the third goes through.
        #expect(await handler.handle(order(), in: context("e3")) == .done("Recorded"))
        #expect(transport.sent.map(\.eventID) == ["e3"])
        #expect(await handler.handle(order(), in: context("e1")) == .done("Recorded"))
    }

    @Test("a recipient that is refused says nothing against the transport")
    func refusals() async throws {
        let no = TransportError(advice: .giveUp, blame: .answered, detail: "no such user")
        let handler = try instance(RecordingTransport(failures: [no, no, no]), failures: 2)
        for number in 1...3 {
            #expect(await handler.handle(order(), in: context("e\(number)")) == .deadLetter("no such user"))
        }
        #expect(await handler.handle(order(), in: context("e4")) == .done("Recorded"))
    }

    @Test("while another instance is sending, the event waits for the rest of its lease, and is no attempt")
    func held() async throws {
        #expect(try await store().claim("e1", as: "crashed", at: Timestamp.now) == .granted)
        let handler = try instance(RecordingTransport())
        for attempt in 1...2 {
            let verdict = await handler.handle(order(), in: context("e1", attempt: attempt))
            guard case .postpone(let note, let rest) = verdict else {
                Issue.record("not postponed: \(verdict)")
                return
            }
            #expect(note == "another instance is sending this message")
            #expect(rest > .zero && rest <= NotificationStore.lease)
        }
    }

    @Test("an event whose claim is given back a moment later is sent without going back to the broker")
    func heldShortly() async throws {
        let (store, transport) = (try store(), RecordingTransport())
        #expect(try await store.claim("e1", as: "other", at: Timestamp.now) == .granted)
        let handler = try instance(transport)
        async let verdict = handler.handle(order(), in: context("e1"))
        try await store.release("e1", claim: "other")
        #expect(await verdict == .done("Recorded"))
        #expect(transport.sent.map(\.eventID) == ["e1"])
    }

    @Test("an event whose probes keep failing is held so long in all", .timeLimit(.minutes(1)))
    func probesInVain() async throws {
        let down = TransportError(advice: .retryLater, blame: .transport, detail: "down")
        let transport = RecordingTransport(failures: Array(repeating: down, count: 10_000))
        let handler = try instance(transport, failures: 1, longestHold: .milliseconds(500))
        #expect(await handler.handle(order(), in: context("e1")) == .retry("down"))
        let start = ContinuousClock.now
        let verdict = await handler.handle(order(), in: context("e1", attempt: 2))
        #expect(verdict == .postpone("test is down; the circuit breaker is open", after: .seconds(60)))
        #expect(start.duration(to: .now) >= .milliseconds(500))
        #expect(transport.failuresLeft < 9_999, "it has probed meanwhile")
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
