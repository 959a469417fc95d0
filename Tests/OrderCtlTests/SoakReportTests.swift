import ArgumentParser
import Testing

@testable import OrderCtl

@Suite("The verdict of a soak")
struct SoakReportTests {
    private func report(_ change: (inout SoakReport) -> Void = { _ in }) -> SoakReport {
        var figures = SoakTally.Figures()
        figures.accepted = 10
        var audit = AuditReport(services: ["client", "order-service", "inventory"])
        for order in 1...10 { audit.note(.done, of: "\(order)", at: "inventory") }
        var report = SoakReport(
            seed: 42,
            length: .seconds(65),
            wasInterrupted: false,
            figures: figures,
            chaos: ["kill broker": 2, "cut wire": 1],
            missed: [:],
            mails: 10,
            explainedRepeats: 1,
            notificationCrashes: 1,
            unexplainedRepeats: [],
            unrest: nil,
            settling: .seconds(7),
            audit: audit
        )
        change(&report)
        return report
    }

    private func finding(_ kind: AuditFinding.Kind) -> AuditFinding {
        AuditFinding(kind: kind, service: "inventory", order: "lost-1", detail: "gone")
    }

    @Test("passes where every order has its effects once, also with repeats that a crash explains")
    func passes() {
        let passed = report { $0.audit.add(finding(.repeated)) }
        #expect(passed.failures.isEmpty)
        #expect(
            passed.text.split(separator: "\n").last
                == "PASS 10 orders, each in effect once at every service, through 3 faults; seed 42"
        )
        #expect(passed.text.contains("1 in the window of a crash; 1 notification workers killed"))
    }

    @Test("one lost or double effect fails it, named in the list and the last line")
    func fails() {
        for kind in [AuditFinding.Kind.missing, .double] {
            let failed = report { $0.audit.add(finding(kind)) }
            #expect(failed.text.contains("lost-1  inventory: \(kind.rawValue): gone"))
            #expect(failed.text.split(separator: "\n").last == "FAIL 1 \(kind.rawValue); seed 42")
        }
    }

    @Test("so does whatever else a soak must not leave")
    func otherFailures() {
        let failures: [(String, (inout SoakReport) -> Void)] = [
            (
                "1 without an effect: dead, waiting or refused",
                { $0.audit.note(.dead("exhausted"), of: "o", at: "inventory") }
            ),
            (
                "1 without an effect: dead, waiting or refused",
                { $0.audit.note(.waiting("queue"), of: "o", at: "inventory") }
            ),
            ("1 mails repeated without a crash", { $0.unexplainedRepeats = ["a mail"] }),
            ("1 unexpected answers", { $0.figures.unexpectedCount = 1 }),
            ("1 orders never answered", { $0.figures.unanswered = ["key"] }),
            ("no order was accepted", { $0.figures.accepted = 0 }),
            ("not at rest: 3 in inventory", { $0.unrest = "3 in inventory" }),
            ("not judged: the stock", { $0.audit.remarks = ["the stock"] }),
        ]
        for (reason, change) in failures { #expect(report(change).failures == [reason]) }
    }

    @Test("a command line that cannot be meant is refused")
    func commandLine() throws {
        let command = try SoakCommand.parse([
            "--rate", "200", "--for", "10m", "--chaos", "7", "--every", "20s",
        ])
        #expect(command.rate == 200 && command.chaos == 7)
        for wrong in [
            ["--rate", "0"], ["--for", "ten minutes"], ["--for", "0s"], ["--every", "1s"],
            ["--workers", "9"],
            ["--settle", "1s"], ["--plant", "nothing"],
        ] {
            #expect(throws: (any Error).self) { _ = try SoakCommand.parse(wrong) }
        }
    }
}
