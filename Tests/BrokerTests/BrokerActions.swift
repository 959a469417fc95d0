import FoundationEssentials
import RabbitMQNode
import SystemPackage
import TestSupport

/// What a user tries at the broker, through a client that is not ours.
struct BrokerAction: Hashable, CustomStringConvertible {
    let words: [String]

    init(_ words: String...) {
        self.words = words
    }

    var description: String { words.map { $0.isEmpty ? "\"\"" : $0 }.joined(separator: " ") }
}

/// Does what users try, and says how the broker answered.
enum BrokerActions {
    private struct User: Encodable {
        var user: String
        var url: String
        var actions: [[String]]
    }

    /// Tries everything as each user.
    ///
    /// - Parameters:
    ///   - actions: In this order; what is allowed has its effect.
    ///   - logins: The broker's address with each user's login.
    /// - Returns: For each user and action 0 where the broker did it, else its reply code.
    /// - Throws: ``NotInTime`` with what the client said when it could not ask.
    static func codes(
        of actions: [BrokerAction],
        as logins: [(user: String, url: String)]
    ) async throws -> [String: [Int]] {
        let directory = try TemporaryDirectory("broker-actions")
        let users = logins.map { User(user: $0.user, url: $0.url, actions: actions.map(\.words)) }
        let file = directory.text(of: "actions.json")
        try JSONEncoder().encode(users).write(to: URL(filePath: file))
        let script = "\(PackageLayout.root)/Tests/Servers/broker_actions.py"
        // Debian's own: its packages are not those of another Python on the PATH.
        let finished = try await ProgramUnderTest.run("/usr/bin/python3", [script, file])
        guard finished.exit == .code(0) else { throw NotInTime(description: finished.error) }
        return try JSONDecoder().decode([String: [Int]].self, from: Data(finished.output.utf8))
    }
}
