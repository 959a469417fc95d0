import ArgumentParser
import Curl
import FoundationEssentials
import OrderEvents

/// The command `orderctl submit`.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Places orders.",
        discussion:
            "Each order has an idempotency key of its own, so that none is placed twice when it is sent again."
    )

    @Option(help: "The user's number.") var user: Int64
    @Option(help: "The product's number.") var product: Int64
    @Option(help: "How many.") var quantity: Int
    @Option(help: "Price of one, for example 999.99.") var price: String
    @Option(help: "The user's e-mail address.") var email: String?
    @Option(help: "The user's telephone number.") var phone: String?
    @Option(help: "How many such orders.") var count = 1
    @OptionGroup var location: LocationOptions

    func validate() throws {
        guard (1...1_000_000).contains(count) else {
            throw ValidationError("--count must be a whole number from 1 to 1000000")
        }
        guard price.wholeMatch(of: /-?[0-9]{1,18}(\.[0-9]{1,18})?/) != nil else {
            throw ValidationError("--price must be a number such as 999.99")
        }
    }

    func run() async throws {
        let client = OrderServiceClient(try await location.locate(), connections: min(count, 16))
        let body = try orderBody()
        let started = ContinuousClock.now
        var progress = Progress("orders placed", total: count)
        // The first order shows that a service is there; only then is patience worth anything.
        var answers = [try await Self.place(body, through: client, patience: .zero)]
        try await withThrowingTaskGroup(of: String.self) { group in
            for submitted in 1..<max(count, 1) {
                if submitted > 16, let answer = try await group.next() {
                    answers.append(answer)
                    progress.advance(to: answers.count)
                }
                group.addTask { try await Self.place(body, through: client, patience: .seconds(30)) }
            }
            for try await answer in group {
                answers.append(answer)
                progress.advance(to: answers.count)
            }
        }
        report(answers, in: started.duration(to: .now))
    }

    private func report(_ answers: [String], in time: Duration) {
        if location.json {
            Console.line("{\"accepted\":\(answers.count),\"orders\":[\(answers.joined(separator: ","))]}")
        } else if count == 1, let fields = try? FlatJSON.fields(of: Array(answers[0].utf8)) {
            var table = Table("FIELD", "VALUE")
            for (name, value) in fields { table.add(name, value) }
            Console.line(table.text)
        } else {
            let tenths = Int((time / .milliseconds(100)).rounded())
            Console.line("\(answers.count) orders placed in \(tenths / 10).\(tenths % 10) s.")
        }
    }

    /// Places one order, again with the same key while the service is away or too busy and patience lasts.
    ///
    /// - Returns: The order as JSON.
    private static func place(
        _ body: [UInt8],
        through client: OrderServiceClient,
        patience: Duration
    ) async throws -> String {
        let key = UUIDv7.next().description
        let limit = ContinuousClock.now.advanced(by: patience)
        var wait = Duration.milliseconds(100)
        while true {
            let isLast = ContinuousClock.now >= limit
            do {
                let response = try await client.send("POST", "/orders", key: key, body: body)
                if response.status == 201 { return order(in: response) }
                guard [429, 503].contains(response.status), !isLast else {
                    throw CommandError.refused(OrderServiceClient.explanation(of: response))
                }
            } catch let error as CommandError {
                guard error.code == CommandError.unavailable("").code, !isLast else { throw error }
            }
            try await Task.sleep(for: wait)
            wait = min(wait * 2, .seconds(2))
        }
    }

    private func orderBody() throws -> [UInt8] {
        func quoted(_ text: String) throws -> String {
            String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        }
        // The price stays the text it was: a number in between could not hold it exactly.
        var fields = [
            "\"user_id\":\(user)", "\"product_id\":\(product)", "\"quantity\":\(quantity)",
            "\"price\":\(price)",
        ]
        if let email { fields.append("\"email\":\(try quoted(email))") }
        if let phone { fields.append("\"phone\":\(try quoted(phone))") }
        return Array("{\(fields.joined(separator: ","))}".utf8)
    }

    /// The order within `{"status":…,"order":…}`, as text.
    private static func order(in response: HTTPResponse) -> String {
        let text = response.text
        guard let start = text.firstRange(of: "\"order\":"), let end = text.lastIndex(of: "}") else {
            return text
        }
        return String(text[start.upperBound..<end])
    }
}
