import Foundation
import TestSupport
import Testing

/// What each message and order costs in calls of malloc(3), against a committed baseline.
///
/// Of the build that runs the tests, which is not optimised: the figures are no promise, but the same code always has the
/// same. After a change that is worth its cost, `COSTS_RECORD=1 swift test --filter CostTests` writes the baseline anew.
@Suite("What one message costs", .serialized)
struct CostTests {
    private static func costs() throws -> [Cost] {
        [
            .orderParsing, .orderRendering, .envelopeEncoding, .publish, try .confirm(), .delivery,
            .acknowledgement, try .envelopeDecoding(), try .filter(),
        ]
    }

    private static let baselineFile = "\(PackageLayout.root)/Tests/CostTests/baseline.txt"

    /// `name: allocations`, a line each.
    private static func baseline() throws -> [String: Double] {
        let lines = try String(contentsOfFile: baselineFile, encoding: .utf8).split(separator: "\n")
        return lines.reduce(into: [:]) { baseline, line in
            let parts = line.split(separator: ": ")
            guard parts.count == 2 else { return }
            baseline[String(parts[0])] = Double(parts[1])
        }
    }

    @Test("is at most a tenth more than it was")
    func allocations() throws {
        let measured = try Self.costs().map { ($0.name, try $0.allocations()) }
        if ProcessInfo.processInfo.environment["COSTS_RECORD"] == "1" {
            let lines = measured.map { name, cost in "\(name): \(String(format: "%.1f", cost))\n" }
            return try lines.joined().write(toFile: Self.baselineFile, atomically: true, encoding: .utf8)
        }
        let baseline = try Self.baseline()
        #expect(Set(baseline.keys) == Set(measured.map(\.0)))
        for (name, cost) in measured {
            let before = baseline[name] ?? 0
            // The baseline is rounded to a tenth.
            #expect(cost <= before * 1.1 + 0.05, "\(name): \(cost) allocations, \(before) before")
        }
    }
}
