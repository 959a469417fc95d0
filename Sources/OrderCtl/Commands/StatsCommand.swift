import ArgumentParser
import Curl
import FoundationEssentials
import SystemPackage

/// The command `orderctl stats`.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Shows what was ordered: totals, cohorts, top products, and a chart over time.",
        discussion: """
            Asks an analytics worker: one of a running `orderctl up`, else the one at --analytics-url. Times are UTC. \
            An order counts as `first` when it is the earliest of its user that is known, else as `repeat`.
            """
    )

    @Option(
        help:
            "Since when: a duration such as 1h or 7d, or a time such as 2026-01-02T03:04:05Z; all when absent."
    )
    var since: String?

    @Option(help: "How many products to list, 1 to 1000.")
    var top = 10

    @Option(
        name: .customLong("analytics-url"),
        help: "Admin address of an analytics worker (ANALYTICS_URL)."
    )
    var analyticsURL: String?

    @OptionGroup var location: LocationOptions

    func run() async throws {
        let location = try await location.locate(analyticsURL: analyticsURL)
        let answer = try await StatsClient(addresses: location.analytics).read(since: since, top: top)
        guard !self.location.json else { return Console.line(answer.text) }
        let report = try StatsReport(answer.body)
        let isColoured = Console.isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        Console.line(report.text(width: Self.width, isColoured: isColoured))
    }

    /// The terminal's, else what `COLUMNS` says, else 80.
    private static var width: Int {
        SystemSeam.terminalWidth(.standardOutput)
            ?? ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
            ?? 80
    }
}

/// Asks analytics workers.
struct StatsClient: Sendable {
    /// Any of them will do: all read one database.
    let addresses: [String]

    /// Reads `/stats.json` of the first one that answers.
    ///
    /// - Parameters:
    ///   - since: As the person wrote it; the worker judges it.
    ///   - top: How many products.
    /// - Returns: An answer of status 200.
    /// - Throws: ``CommandError``.
    func read(since: String?, top: Int) async throws(CommandError) -> HTTPResponse {
        guard !addresses.isEmpty else {
            throw .unavailable(
                "No analytics worker is known; start `orderctl up`, or name one with --analytics-url."
            )
        }
        let http = HTTPClient(connections: 1)
        let query = "top=\(top)" + (since.map { "&since=\(Self.encoded($0))" } ?? "")
        for address in addresses {
            let request = HTTPRequest("GET", "\(address)/stats.json?\(query)", timeout: .seconds(30))
            guard let answer = try? await http.send(request) else { continue }
            return try Self.judged(answer, of: address)
        }
        throw .unavailable(
            "No analytics worker answers at \(addresses.joined(separator: ", ")); is it running?"
        )
    }

    private static func judged(
        _ answer: HTTPResponse,
        of address: String
    ) throws(CommandError) -> HTTPResponse {
        let said = answer.text.split(separator: "\n").first.map(String.init) ?? ""
        switch answer.status {
        case 200: return answer
        case 400: throw .usage("--\(said)")
        case 404: throw .unavailable("What answers at \(address) is no analytics worker.")
        default:
            throw .unavailable("The analytics worker at \(address) cannot answer (\(answer.status)): \(said)")
        }
    }

    /// A query parameter's value with everything escaped that is not unreserved (RFC 3986, section 2.3).
    static func encoded(_ value: String) -> String {
        value.utf8
            .map { byte in
                let scalar = Unicode.Scalar(byte)
                let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                if byte < 0x80, isPlain || "-._~".unicodeScalars.contains(scalar) { return String(scalar) }
                let digits = String(byte, radix: 16, uppercase: true)
                return byte < 0x10 ? "%0\(digits)" : "%\(digits)"
            }
            .joined()
    }
}
