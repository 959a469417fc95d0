import ArgumentParser
import Curl
import FoundationEssentials

/// The command `orderctl show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one order, whether its event is published, and what each service made of it."
    )

    @Argument(help: "The order's id.")
    var order: String

    @Flag(help: "Go on showing what becomes known, until Ctrl-C.")
    var follow = false

    @OptionGroup var location: LocationOptions

    func run() async throws {
        let place = try await location.locate()
        let client = OrderServiceClient(place)
        guard order.wholeMatch(of: /[A-Za-z0-9-]{1,64}/) != nil else {
            throw CommandError.usage("\"\(order)\" is no order id.")
        }
        let response = try await client.send("GET", "/orders/\(order)")
        switch response.status {
        case 200: break
        case 404: throw CommandError.refused("There is no order \(order).")
        default: throw CommandError.refused(OrderServiceClient.explanation(of: response))
        }
        guard !follow else {
            if !location.json { Console.line(try Self.table(of: response.body) + "\n") }
            return try await JourneyFollower(
                url: "\(client.url)/orders/\(order)/events",
                authorization: OrderServiceClient.authorization(place),
                style: location.json ? .json : Console.isTerminal ? .redrawn : .lines
            )
            .run()
        }
        if location.json {
            Console.line(response.text)
        } else {
            Console.line(try Self.table(of: response.body))
            Console.line("\n" + (try PrintedJourney.read(response.body)).text)
        }
    }

    /// Every field of the order, and of its event, on a line; the journey is a table of its own.
    static func table(of body: [UInt8]) throws -> String {
        var table = Table("FIELD", "VALUE")
        for (name, value) in try FlatJSON.fields(of: body) where !name.hasPrefix("journey") {
            table.add(name, value)
        }
        return table.text
    }
}
