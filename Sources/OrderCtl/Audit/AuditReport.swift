/// What an audit found.
///
/// Pure.
struct AuditReport: Equatable, Sendable {
    /// A tally for the client's record where there is one, for the order service, and for each service.
    private(set) var tallies: [AuditTally]
    private(set) var findings: [AuditFinding] = []
    /// Orders that wait or are dead, with where: no losses.
    ///
    /// The first ``longestList`` of them.
    private(set) var unfinished: [String] = []
    /// What could not be judged, and why.
    var remarks: [String] = []

    /// Longest list that a person is shown; JSON has all findings.
    static let longestList = 100

    init(services: [String]) {
        tallies = services.map { AuditTally($0) }
    }

    /// How many findings of a kind there are.
    func count(_ kind: AuditFinding.Kind) -> Int { findings.count { $0.kind == kind } }

    /// Whether nothing is missing, nothing double and, unless repeats are allowed, nothing repeated.
    func isClean(allowingRepeats: Bool) -> Bool {
        findings.allSatisfy { allowingRepeats && $0.kind == .repeated }
    }

    subscript(service: String) -> AuditTally {
        get { tallies.first { $0.service == service } ?? AuditTally(service) }
        set {
            if let index = tallies.firstIndex(where: { $0.service == service }) {
                tallies[index] = newValue
            } else {
                tallies.append(newValue)
            }
        }
    }

    /// Notes where an order stands at a service.
    mutating func note(_ standing: Standing, of order: String, at service: String) {
        self[service].count(standing)
        switch standing {
        case .done, .refused, .skipped: break
        case .missing(let detail):
            add(AuditFinding(kind: .missing, service: service, order: order, detail: detail))
        case .waiting(let place): noteUnfinished("\(order)  \(service): waiting: \(place)")
        case .dead(let reason): noteUnfinished("\(order)  \(service): dead: \(reason)")
        }
    }

    /// Adds a finding, and counts it at its service.
    mutating func add(_ finding: AuditFinding) {
        findings.append(finding)
        self[finding.service].count(finding)
    }

    private mutating func noteUnfinished(_ line: String) {
        if unfinished.count < Self.longestList { unfinished.append(line) }
    }
}
