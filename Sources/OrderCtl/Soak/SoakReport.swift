/// What a soak came to.
///
/// Pure.
struct SoakReport: Sendable {
    var seed: UInt64
    /// How long orders were placed.
    var length: Duration
    /// Whether somebody ended it early.
    var wasInterrupted: Bool
    var figures: SoakTally.Figures
    /// What was broken, by kind.
    var chaos: [String: Int]
    /// What found nothing to break, by kind.
    var missed: [String: Int]
    var mails: Int
    /// Mails that came again after a crash in the window where that is promised.
    var explainedRepeats: Int
    /// When a notification worker was killed, in all.
    var notificationCrashes: Int
    /// Mails that came again without such a crash.
    var unexplainedRepeats: [String]
    /// What was left waiting when patience ended; nil where everything came to rest.
    var unrest: String?
    /// How long it took to come to rest.
    var settling: Duration
    var audit: AuditReport

    /// Why it failed; empty where it passed.
    var failures: [String] {
        let stranded = audit.tallies.reduce(0) { $0 + $1.dead + $1.waiting + $1.skipped + $1.refused }
        let reasons: [(Int, String)] = [
            (audit.count(.missing), "missing"), (audit.count(.double), "double"),
            (stranded, "without an effect: dead, waiting or refused"),
            (unexplainedRepeats.count, "mails repeated without a crash"),
            (figures.unexpectedCount, "unexpected answers"),
            (figures.unanswered.count, "orders never answered"),
        ]
        var failures = reasons.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if figures.accepted == 0 { failures.append("no order was accepted") }
        if let unrest { failures.append("not at rest: \(unrest)") }
        if !audit.remarks.isEmpty { failures.append("not judged: \(audit.remarks.joined(separator: "; "))") }
        return failures
    }

    /// The last line.
    var verdict: String {
        let faults = chaos.values.reduce(0, +)
        let end = "seed \(seed)"
        guard failures.isEmpty else { return "FAIL \(failures.joined(separator: ", ")); \(end)" }
        return
            "PASS \(figures.accepted) orders, each in effect once at every service, through \(faults) faults; \(end)"
    }
}

extension SoakReport {
    /// The summary for people, the audit, and the verdict.
    var text: String {
        var table = Table("WHAT", "FIGURE")
        for (name, value) in rows { table.add(name, value) }
        let findings = audit.findings.filter { $0.kind != .repeated }.map(\.line)
        let unexpected = figures.unexpected.map { "unexpected answer: \($0)" }
        let parts = [
            [table.text], [audit.table], audit.unfinished,
            Array(findings.prefix(AuditReport.longestList)), unexpected, unexplainedRepeats, [verdict],
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var rows: [(String, String)] {
        func milliseconds(_ number: Double) -> String { "\(Int(number.rounded(.up))) ms" }
        let latency = figures.answers
        var rows = [
            (
                "orders accepted",
                "\(figures.accepted) in \(ChaosCrew.clock(length))" + (wasInterrupted ? ", interrupted" : "")
            ),
            (
                "answers",
                "p50 \(milliseconds(latency.percentile(0.5))), p99 \(milliseconds(latency.percentile(0.99))), longest"
                    + " \(milliseconds(latency.longest))"
            ),
            ("slowest gap", milliseconds(figures.slowestGap / .milliseconds(1))),
            (
                "requests repeated",
                "\(figures.repeated): \(figures.unknown) unknown, \(figures.unreachable) found nobody,"
                    + " \(figures.busy) told to come later"
            ),
            ("mails", "\(mails)"),
            (
                "mails repeated",
                "\(explainedRepeats + unexplainedRepeats.count), \(explainedRepeats) in the window of a crash;"
                    + " \(notificationCrashes) notification workers killed"
            ),
            ("came to rest", unrest == nil ? "after \(settling.components.seconds) s" : "no"),
        ]
        for (kind, count) in chaos.sorted(by: { $0.key < $1.key }) { rows.append((kind, "\(count)")) }
        for (kind, count) in missed.sorted(by: { $0.key < $1.key }) {
            rows.append(("\(kind), nothing there", "\(count)"))
        }
        return rows
    }

    /// Everything, for machines.
    var document: Document {
        Document(
            seed: seed,
            seconds: length / .seconds(1),
            interrupted: wasInterrupted,
            accepted: figures.accepted,
            p50: figures.answers.percentile(0.5),
            p99: figures.answers.percentile(0.99),
            longest: figures.answers.longest,
            slowestGap: figures.slowestGap / .milliseconds(1),
            repeated: figures.repeated,
            unknown: figures.unknown,
            unreachable: figures.unreachable,
            busy: figures.busy,
            unexpected: figures.unexpected,
            mails: mails,
            explainedRepeats: explainedRepeats,
            unexplainedRepeats: unexplainedRepeats,
            chaos: chaos,
            missed: missed,
            audit: audit.document(allowingRepeats: true),
            failures: failures,
            verdict: verdict
        )
    }

    /// What `--json` prints; times in milliseconds unless named otherwise.
    struct Document: Encodable {
        var seed: UInt64
        var seconds: Double
        var interrupted: Bool
        var accepted: Int
        var p50: Double
        var p99: Double
        var longest: Double
        var slowestGap: Double
        var repeated: Int
        var unknown: Int
        var unreachable: Int
        var busy: Int
        var unexpected: [String]
        var mails: Int
        var explainedRepeats: Int
        var unexplainedRepeats: [String]
        var chaos: [String: Int]
        var missed: [String: Int]
        var audit: AuditReport.Document
        var failures: [String]
        var verdict: String

        enum CodingKeys: String, CodingKey {
            case seed, seconds, interrupted, accepted
            case p50 = "p50_ms"
            case p99 = "p99_ms"
            case longest = "longest_ms"
            case slowestGap = "slowest_gap_ms"
            case repeated, unknown, unreachable, busy, unexpected, mails
            case explainedRepeats = "mails_repeated_after_a_crash"
            case unexplainedRepeats = "mails_repeated_without"
            case chaos, missed, audit, failures, verdict
        }
    }
}
