/// How many orders stand where, at one service.
///
/// Pure.
struct AuditTally: Equatable, Sendable, Encodable {
    let service: String
    var accepted = 0
    var done = 0
    var refused = 0
    var skipped = 0
    var waiting = 0
    var dead = 0
    var missing = 0
    var double = 0
    var repeated = 0

    init(_ service: String) {
        self.service = service
    }

    /// Counts one accepted order and where it stands.
    mutating func count(_ standing: Standing) {
        accepted += 1
        switch standing {
        case .done: done += 1
        case .refused: refused += 1
        case .skipped: skipped += 1
        case .waiting: waiting += 1
        case .dead: dead += 1
        // A finding, which counts itself.
        case .missing: break
        }
    }

    /// Counts a finding about this service.
    mutating func count(_ finding: AuditFinding) {
        switch finding.kind {
        case .missing: missing += 1
        case .double: double += 1
        case .repeated: repeated += 1
        }
    }
}
