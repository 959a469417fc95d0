import Configuration
import Curl
import Database
import RabbitMQ

@testable import ServiceKit

/// Everything that settings are read from: durations, addresses, lists, command lines, CSV and YAML.
enum SettingsFuzzer {
    static func run(_ bytes: [UInt8]) throws {
        guard let choice = bytes.first else { return }
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        switch choice % 5 {
        case 0: try durations(text)
        case 1: try addresses(text)
        case 2: try flags(text)
        case 3: try records(text)
        default: try yaml(Array(bytes.dropFirst()))
        }
    }

    private static func durations(_ text: String) throws {
        if let duration = DurationText.parseWithDays(text) {
            let written = DurationText.textWithDays(duration)
            try promise(DurationText.parseWithDays(written) == duration, "\(text) is written as \(written)")
            try promise(duration >= .zero, "a negative duration")
        }
        _ = DurationText.parseList(text)
        try promiseOneLine(Quoted.short(text), "a quoted text")
        _ = Suggestion.closest(to: String(text.prefix(80)), among: ["http.port", "worker.filter"])
    }

    private static func addresses(_ text: String) throws {
        do {
            for endpoint in try Endpoint.parseList(text) {
                try promise(endpoint.port > 0 && !endpoint.host.isEmpty, "an endpoint without port or host")
                let secret = endpoint.password
                // A long secret that stands nowhere else in the address stands nowhere in what is shown.
                if secret.utf8.count >= 12, !endpoint.host.contains(secret),
                    !endpoint.virtualHost.contains(secret)
                {
                    try promise(!"\(endpoint)".contains(secret), "a password is shown")
                }
            }
        } catch let error as EndpointError {
            try promiseOneLine(error.description, "the error")
        }
        if let server = SMTPServer(url: text) {
            try promise((1...65_535).contains(server.port) && !server.host.isEmpty, "no port or host")
            try promiseOneLine(server.url, "the address")
        }
        do throws(DatabaseError) {
            _ = try DatabaseLocation.parse(text)
        } catch {
            try promiseOneLine(error.detail, "the error")
        }
    }

    private static func flags(_ text: String) throws {
        let flags = CommandLineFlags(
            text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        )
        try promise(Set(flags.keys).count == flags.keys.count, "a flag is counted twice")
        for problem in flags.problems where !problem.hasPrefix("--") {
            try promiseOneLine(problem, "a problem")
        }
    }

    private static func records(_ text: String) throws {
        do {
            let records = try CSVReader.records(in: text)
            let written = records.map { record in
                record.fields.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
            }
            let again = try CSVReader.records(in: written.joined(separator: "\n"))
            let (first, second) = (records.map(\.fields), again.map(\.fields))
            let isSame = first.elementsEqual(second) { left, right in
                left.elementsEqual(right) { $0.utf8.elementsEqual($1.utf8) }
            }
            try promise(isSame, "other records after writing them: \(first) \(second)")
        } catch let error as CSVReader.Malformed {
            try promiseOneLine(error.rule, "the rule")
            try promise(error.line >= 1, "line \(error.line)")
        }
    }

    private static func yaml(_ bytes: [UInt8]) throws {
        let options = YAMLSnapshot.ParsingOptions(secretsSpecifier: .all)
        _ = try? unsafe YAMLSnapshot(data: bytes.span.bytes, providerName: "fuzzed", parsingOptions: options)
    }
}
