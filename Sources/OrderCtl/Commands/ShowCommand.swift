import ArgumentParser
import Curl
import FoundationEssentials

/// The command `orderctl show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one order and whether its event is published."
    )

    @Argument(help: "The order's id.")
    var order: String

    @OptionGroup var location: LocationOptions

    func run() async throws {
        let client = OrderServiceClient(try await location.locate())
        guard order.wholeMatch(of: /[A-Za-z0-9-]{1,64}/) != nil else {
            throw CommandError.usage("\"\(order)\" is no order id.")
        }
        let response = try await client.send("GET", "/orders/\(order)")
        switch response.status {
        case 200: break
        case 404: throw CommandError.refused("There is no order \(order).")
        default: throw CommandError.refused(OrderServiceClient.explanation(of: response))
        }
        if location.json {
            Console.line(response.text)
        } else {
            Console.line(try Self.table(of: response.body))
        }
    }

    /// Every field of the order, and of its event, on a line.
    static func table(of body: [UInt8]) throws -> String {
        var table = Table("FIELD", "VALUE")
        for (name, value) in try FlatJSON.fields(of: body) { table.add(name, value) }
        return table.text
    }
}
