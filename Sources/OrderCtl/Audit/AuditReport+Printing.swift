extension AuditReport {
    /// The table, the list of what is not as it should be, and the verdict as the last line.
    func text(allowingRepeats: Bool) -> String {
        let list = findings.map(\.line)
        let shown = list.prefix(Self.longestList)
        let more = list.count - shown.count
        let parts = [
            [table], remarks.map { "Not judged: \($0)" }, unfinished, Array(shown),
            more > 0 ? ["… and \(more) more; --json has all of them"] : [],
            [verdict(allowingRepeats: allowingRepeats)],
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    /// A row for each service.
    var table: String {
        var table = Table(
            "SERVICE",
            "ACCEPTED",
            "DONE",
            "REFUSED",
            "SKIPPED",
            "WAITING",
            "DEAD",
            "MISSING",
            "DOUBLE",
            "REPEATED"
        )
        for tally in tallies {
            table.add(
                tally.service,
                "\(tally.accepted)",
                "\(tally.done)",
                "\(tally.refused)",
                "\(tally.skipped)",
                "\(tally.waiting)",
                "\(tally.dead)",
                "\(tally.missing)",
                "\(tally.double)",
                "\(tally.repeated)"
            )
        }
        return table.text
    }

    /// One line.
    func verdict(allowingRepeats: Bool) -> String {
        let counts = "\(count(.missing)) missing, \(count(.double)) double, \(count(.repeated)) repeated"
        return isClean(allowingRepeats: allowingRepeats) ? "CLEAN: \(counts)" : "NOT CLEAN: \(counts)"
    }

    /// Everything, for machines.
    func document(allowingRepeats: Bool) -> Document {
        Document(
            services: tallies,
            findings: findings,
            unfinished: unfinished,
            notJudged: remarks,
            clean: isClean(allowingRepeats: allowingRepeats)
        )
    }

    /// What `--json` prints.
    struct Document: Encodable {
        var services: [AuditTally]
        var findings: [AuditFinding]
        /// The first 100.
        var unfinished: [String]
        var notJudged: [String]
        var clean: Bool

        enum CodingKeys: String, CodingKey {
            case services, findings, unfinished
            case notJudged = "not_judged"
            case clean
        }
    }
}
