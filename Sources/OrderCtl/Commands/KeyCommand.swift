import ArgumentParser
import Digests
import FoundationEssentials

/// The command `orderctl key`.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes a key for a client of the order service.",
        discussion: """
            Prints the key, which goes to the client and is kept nowhere, and its entry for http.keys (HTTP_KEYS), which \
            tells nothing of the key. Scopes: orders:write places orders, orders:read looks at them, admin does everything.
            """
    )

    @Option(help: "Who gets it: letters, digits, dots, hyphens and underscores.") var name: String
    @Option(help: "What it may be used for, joined by +.") var scopes = "orders:write+orders:read"
    @Flag(help: "Print JSON instead of lines.") var json = false

    private static let known: Set = ["orders:write", "orders:read", "admin"]

    func validate() throws {
        guard name.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil else {
            throw ValidationError("--name must be 1 to 64 letters, digits, dots, hyphens and underscores")
        }
        let words = scopes.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        guard Self.known.isSuperset(of: words) else {
            throw ValidationError("--scopes must be of orders:write, orders:read and admin, joined by +")
        }
    }

    func run() throws {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let key = Data(random).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let entry = "\(name)/\(scopes)/\(Hex.text(SHA256.digest(Array(key.utf8))))"
        if json {
            Console.line("{\"key\":\"\(key)\",\"entry\":\"\(entry)\"}")
        } else {
            Console.line("For the client: Authorization: Bearer \(key)\nFor http.keys:   \(entry)")
        }
    }
}
