import Curl
import FoundationEssentials
import Glibc
import RabbitMQNode
import TestSupport
import Testing

/// The whole system as a user runs it: `orderctl up` with every program, in a directory of its own.
final class OrderSystem: Sendable {
    /// `up.json` as the contract states it.
    struct State: Decodable, Sendable {
        struct Process: Decodable, Sendable {
            var name: String
            var pid: Int32
            var admin: String?
        }
        var order_service: String
        var rabbitmq: String
        var management: String
        var processes: [Process]
    }

    let directory: TemporaryDirectory
    let up: ProgramUnderTest
    let http = HTTPClient(connections: 16)

    private init(directory: TemporaryDirectory, up: ProgramUnderTest) {
        self.directory = directory
        self.up = up
    }

    /// Starts the system, hands it to the body when it is ready, and always stops it.
    static func run(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        in directory: TemporaryDirectory? = nil,
        _ body: (OrderSystem) async throws -> Void
    ) async throws {
        if let absence = RabbitMQNode.absence {
            throw NotInTime(description: absence)
        }
        let directory = try directory ?? TemporaryDirectory("order-system")
        let all = ["up", "--directory", directory.text] + arguments
        try await ProgramUnderTest.with("orderctl", all, environment: environment) { up in
            let system = OrderSystem(directory: directory, up: up)
            _ = try await up.line(containing: "Everything is ready", within: .seconds(150))
            try await body(system)
        }
    }

    /// What `up.json` says now.
    func state() throws -> State {
        let path = directory.text(of: "up.json")
        return try JSONDecoder().decode(State.self, from: Data(contentsOf: URL(filePath: path)))
    }

    /// The process id of a program now.
    func pid(of name: String) throws -> Int32 {
        guard let process = try state().processes.first(where: { $0.name == name }) else {
            throw NotInTime(description: "\(name) does not run")
        }
        return process.pid
    }

    /// Kills a process of the system and waits until `up` has started it again.
    func killAndAwaitRestart(_ name: String) async throws {
        let before = try pid(of: name)
        kill(before, SIGKILL)
        try await eventually(within: .seconds(90), "\(name) runs again; up said:\n\(up.transcript)") {
            try pid(of: name) != before
        }
    }

    /// Runs `orderctl` against this system.
    func orderctl(_ arguments: String...) async throws -> FinishedProgram {
        try await ProgramUnderTest.run(
            "orderctl",
            arguments,
            environment: ["UP_DIRECTORY": directory.text]
        )
    }

    /// Places one order.
    func place(_ order: String, key: String? = nil) async throws -> HTTPResponse {
        var headers: [HTTPRequest.Header] = [("Content-Type", "application/json")]
        if let key { headers.append(("Idempotency-Key", key)) }
        return try await http.send(
            HTTPRequest(
                "POST",
                try state().order_service + "/orders",
                headers: headers,
                body: Array(order.utf8)
            )
        )
    }

    /// Talks to the broker's management API.
    func management(_ method: String, _ path: String, _ body: String? = nil) async throws -> HTTPResponse {
        let request = HTTPRequest(
            method,
            try state().management + "/api/" + path,
            headers: [("Content-Type", "application/json")],
            body: body.map { Array($0.utf8) },
            login: try login()
        )
        return try await http.send(request)
    }

    /// The operator's name and password at the broker.
    func login() throws -> (String, String) {
        let login = try #require(try state().rabbitmq.firstMatch(of: /^amqp:\/\/([^:]+):([^@]+)@/))
        return (String(login.1), String(login.2))
    }

    /// How much of a product is left, as `orderctl stock` says.
    func stock(of product: Int) async throws -> Int {
        struct Product: Decodable { var stock: Int }
        let answer = try await orderctl("stock", "\(product)", "--json")
        return try #require(decode([Product].self, answer.output).first).stock
    }

    /// The dead letters of a service, as `orderctl dead-letters list` says.
    func deadLetters(of service: String) async throws -> [DeadLetter] {
        try decode([DeadLetter].self, await orderctl("dead-letters", "list", service, "--json").output)
    }
}

/// One entry of `orderctl dead-letters list --json`.
struct DeadLetter: Decodable {
    var id: String?
    var type: String?
    var reason: String
    var error: String?
    var attempts: Int
}

/// Reads JSON out of what a program printed.
func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
        throw NotInTime(description: "no \(type) in: \(text.prefix(500))")
    }
}

/// Whether a process is there and has not ended.
func isRunning(_ pid: Int32) -> Bool {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
    let stat = String(decoding: data, as: UTF8.self)
    guard let end = stat.lastIndex(of: ")") else { return false }
    return !stat[end...].hasPrefix(") Z")
}
