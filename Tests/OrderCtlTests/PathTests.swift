import ArgumentParser
import Testing

@testable import OrderCtl

@Suite("Names that become paths, queues and addresses")
struct PathTests {
    @Test(
        "a service's name is letters, digits and hyphens, whatever the command",
        arguments: [
            "../inventory", "/etc/passwd", "inventory/../x", "inventory\u{0}", "inventory\n", "Inventory", "",
            "inventory.dead", "%2e%2e", "ínventory", "inventory ", String(repeating: "a", count: 65), "-x",
            "..",
        ]
    )
    func services(name: String) {
        // `--` first, so that a name with a hyphen is taken for a name.
        #expect(throws: (any Error).self) { _ = try DeadLettersCommand.List.parse(["--", name]) }
        #expect(throws: (any Error).self) { _ = try EventsCommand.Replay.parse(["--to=\(name)"]) }
    }

    @Test(
        "an order's number cannot change the address that is asked",
        arguments: ["../admin", "a/b", "a?x=1", "a#b", "a%2fb", "a\u{0}", "a b", "", "a\r\nHost: x"]
    )
    func orders(id: String) async throws {
        // Refused for its form, before anything is asked.
        let command = try ShowCommand.parse(["--order-service", "http://127.0.0.1:1", "--", id])
        let error = await #expect(throws: CommandError.self) { try await command.run() }
        #expect(error?.message.contains("127.0.0.1") == false)
        #expect(error?.code == 64 || error?.code == 1)
    }
}
