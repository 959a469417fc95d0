import OrderEvents
import Testing

@testable import OrderCtl

@Suite("What an audit compares")
struct AuditJoinTests {
    private let ids = (0..<6).map { _ in UUIDv7.next() }

    @Test(
        "the record is read as ids or JSON, each order once, and a line that names none is refused with its number"
    )
    func record() throws {
        let text = """
            \(ids[2])
            {"id":"\(ids[0])","total":1.5}

            {"accepted":2,"orders":[{"id":"\(ids[1])"},{"id":"\(ids[2])"}]}
            {"status":"success","order":{"id":"\(ids[3])"}}
            {"accepted":0,"orders":[]}
            """
        #expect(try AcceptedRecord(text).orders == Array(ids[0...3]))
        #expect(try AcceptedRecord("").orders.isEmpty)
        for wrong in ["nonsense", "{}", "{", #"{"id":"x"}"#, #"{"orders":[{"id":"x"}]}"#] {
            #expect(throws: AcceptedRecord.Unreadable(line: 2)) {
                _ = try AcceptedRecord("\(ids[0])\n\(wrong)")
            }
        }
    }

    @Test("the merge finds what only one side has, wherever it is")
    func join() {
        var join = RecordJoin(AcceptedRecord([ids[0], ids[2], ids[3], ids[5]]))
        for id in [ids[1], ids[2], ids[3], ids[4]] { join.take(id) }
        join.finish()
        #expect(join.matched == 2)
        #expect(join.missing == [ids[0], ids[5]])
        #expect(join.unrecorded == [ids[1], ids[4]])
        var empty = RecordJoin(AcceptedRecord([UUIDv7]()))
        empty.take(ids[0])
        empty.finish()
        #expect(empty.missing.isEmpty && empty.unrecorded == [ids[0]])
    }

    @Test("mails are counted by id, in whatever form it stands there")
    func mails() {
        let record = MailRecord([
            "<\(ids[0])@shop>", "\(ids[0]).eml", "\(ids[1]).eml:2,S", " \(ids[2])", "else",
        ])
        #expect(ids.map { record.count($0.description) } == [2, 1, 1, 0, 0, 0])
        #expect(record.total == 4 && record.foreign == 1 && record.count("no id") == 0)
    }

    private func order(
        _ index: Int,
        product: Int64 = 1,
        quantity: Int64 = 2,
        revenue: Int64 = 500
    ) -> AuditedOrder {
        AuditedOrder(
            id: ids[index].description,
            eventID: "e\(index)",
            product: product,
            quantity: quantity,
            revenue: revenue,
            currency: "USD",
            acceptedAt: 120_000,
            isPending: false,
            isLogged: true
        )
    }

    @Test("an order that is counted twice, or not at all, is named where only one fits")
    func recount() throws {
        var minute = MinuteRecount(minute: 2)
        for order in [order(0), order(1, quantity: 3), order(2, product: 2)] { minute.take(order) }
        let one = MinuteRecount.Cell(product: 1, currency: "USD")
        let two = MinuteRecount.Cell(product: 2, currency: "USD")
        let right: [MinuteRecount.Cell: MinuteRecount.Sums] = [
            one: .init(orders: 2, units: 5, revenue: 1_000), two: .init(orders: 1, units: 2, revenue: 500),
        ]
        #expect(minute.findings(right).isEmpty)
        var twice = right
        twice[one] = .init(orders: 3, units: 8, revenue: 1_500)
        let double = try #require(minute.findings(twice).first)
        #expect(double.kind == .double && double.order == ids[1].description)
        var never = right
        never[two] = nil
        let missing = try #require(minute.findings(never).first)
        #expect(missing.kind == .missing && missing.order == ids[2].description)
        let stray = MinuteRecount(minute: 3).findings([one: .init(orders: 1, units: 1, revenue: 1)])
        #expect(stray.map(\.kind) == [.double] && stray.map(\.order) == [nil])
    }

    @Test("the stock shows a second effect that its receipt hides, and a receipt without an effect")
    func balance() {
        let right = StockBalance(product: 1, delivered: 100, stock: 90, sold: 10)
        #expect(right.finding(nil) == nil)
        let double = StockBalance(product: 1, delivered: 100, stock: 88, sold: 10).finding(nil)
        #expect(
            double?.kind == .double && double?.detail.hasPrefix("2 pieces of product 1 left without") == true
        )
        let missing = StockBalance(product: 1, delivered: 100, stock: 91, sold: 10).finding(nil)
        #expect(missing?.kind == .missing && missing?.detail.hasPrefix("1 piece of product 1") == true)
    }

    @Test("the place where the stock fell by more than was sold is found; a delivery is no such place")
    func trail() {
        var trail = StockTrail()
        trail.take(order: "a", taken: 2, remaining: 98)
        trail.take(order: "b", taken: 3, remaining: 145)
        trail.take(order: "refused", taken: 0, remaining: 145)
        #expect(trail.jump == nil)
        var late = trail
        late.finish(stock: 144)
        #expect(late.jump?.order == "refused")
        trail.take(order: "c", taken: 2, remaining: 141)
        trail.finish(stock: 141)
        #expect(trail.jump?.order == "c")
    }

    private func unsettled(
        _ order: String,
        isPending: Bool = false,
        _ word: OrderLedger.LastWord? = nil
    )
        -> Whereabouts.Unsettled
    {
        Whereabouts.Unsettled(
            order: order,
            event: "e-\(order)",
            isPending: isPending,
            begun: nil,
            lastWord: word
        )
    }

    @Test("an order without its effect is in the outbox, dead, skipped, retrying, queued, or lost")
    func whereabouts() {
        var contents = BrokerContents()
        contents.depths = ["inventory": 1, "inventory.retry.5s": 1, "inventory.dead": 1]
        contents.dead = ["inventory": ["e-dead": "permanent: unknown product 4242"]]
        let retrying = OrderLedger.LastWord(state: "retrying", delay: 5_000, detail: "busy")
        let places = Whereabouts(service: "inventory", contents: contents)
            .places([
                unsettled("lost"), unsettled("pending", isPending: true), unsettled("dead"),
                unsettled("skipped", OrderLedger.LastWord(state: "skipped", delay: nil, detail: nil)),
                unsettled("retrying", retrying), unsettled("retried", retrying), unsettled("queued"),
            ])
        #expect(
            places == [
                .missing("published, no effect, and no message is left"), .waiting("not yet published"),
                .dead("permanent: unknown product 4242"), .skipped, .waiting("still in inventory.retry.5s"),
                .missing("published, no effect, and no message is left; it last told retrying (busy)"),
                .waiting("still in inventory"),
            ]
        )
    }

    @Test("a report is clean without findings; a repeat needs leave; the list is bounded, the counts are not")
    func report() {
        var report = AuditReport(services: ["inventory"])
        report.note(.waiting("still in inventory"), of: "w", at: "inventory")
        report.note(.dead("why"), of: "d", at: "inventory")
        #expect(report.isClean(allowingRepeats: false))
        #expect(report.text(allowingRepeats: false).contains("w  inventory: waiting: still in inventory"))
        report.add(AuditFinding(kind: .repeated, service: "notification", order: "r", detail: "2 mails"))
        #expect(!report.isClean(allowingRepeats: false) && report.isClean(allowingRepeats: true))
        for number in 1...150 { report.note(.missing("gone"), of: "m\(number)", at: "inventory") }
        let text = report.text(allowingRepeats: true)
        #expect(text.contains("… and 51 more"))
        #expect(text.split(separator: "\n").last == "NOT CLEAN: 150 missing, 0 double, 1 repeated")
        #expect(report["inventory"].accepted == 152 && report["inventory"].missing == 150)
    }
}
