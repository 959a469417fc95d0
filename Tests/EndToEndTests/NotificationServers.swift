import Curl
import FoundationEssentials
import RabbitMQNode
import TestSupport

/// A mail server or a webhook's receiver, written in Python, that the test starts and tells how to behave.
final class PythonServer: Sendable {
    /// One line of the server's own log.
    struct Event: Decodable, Sendable {
        struct Body: Decodable, Sendable {
            var to: String
            var text: String
            var id: String
        }

        var event: String
        var file: String?
        var sender: String?
        var recipients: [String]?
        var tls: Bool?
        var authenticated: Bool?
        var utf8: Bool?
        var status: Int?
        var key: String?
        var signed: Bool?
        var type: String?
        var body: Body?
    }

    let directory: TemporaryDirectory
    let port: Int
    let program: ProgramUnderTest

    private init(directory: TemporaryDirectory, port: Int, program: ProgramUnderTest) {
        self.directory = directory
        self.port = port
        self.program = program
    }

    /// Starts a server, hands it to the body when it listens, and always ends it.
    static func run<Result>(
        _ script: String,
        _ arguments: [String] = [],
        in directory: TemporaryDirectory? = nil,
        _ body: (PythonServer) async throws -> Result
    ) async throws -> Result {
        let directory = try directory ?? TemporaryDirectory("python-server")
        let path = "\(PackageLayout.root)/Tests/Servers/\(script).py"
        // Debian's own: its packages are not those of another Python on the PATH.
        let all = [path, directory.text] + arguments
        return try await ProgramUnderTest.with("/usr/bin/python3", all) { program in
            let line = try await program.line(containing: "listening on")
            guard let port = line.split(separator: " ").last.flatMap({ Int($0) }) else {
                throw NotInTime(description: "no port in: \(line)")
            }
            return try await body(PythonServer(directory: directory, port: port, program: program))
        }
    }

    /// A directory with a certificate for this machine, trusted by whoever trusts `cert.pem`.
    static func certified() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("python-server")
        let made = try await ProgramUnderTest.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                directory.text(of: "key.pem"),
                "-out", directory.text(of: "cert.pem"),
            ]
        )
        guard made.exit == .code(0) else { throw NotInTime(description: made.error) }
        return directory
    }

    /// Tells the server how to behave from now on, as JSON.
    func control(_ json: String) throws {
        let file = URL(filePath: directory.text(of: "control.json"))
        try Data(json.utf8).write(to: file, options: .atomic)
    }

    /// What the server has seen so far, of one kind.
    func events(_ kind: String) throws -> [Event] {
        guard let data = FileManager.default.contents(atPath: directory.text(of: "log.jsonl")) else {
            return []
        }
        return try String(decoding: data, as: UTF8.self).split(separator: "\n")
            .map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
            .filter { $0.event == kind }
    }

    /// The mails taken so far, as they came.
    func mails() throws -> [String] {
        try events("mail").compactMap(\.file)
            .map { name in
                let data = FileManager.default.contents(atPath: directory.text(of: name))
                return String(decoding: data ?? Data(), as: UTF8.self)
            }
    }
}

/// A mail taken apart by Python's own `email` package.
struct ParsedMail: Decodable {
    var headers: [String: String]
    /// Type and decoded text of each part.
    var parts: [[String]]
    var defects: Int

    /// Reads a file of the server's.
    static func read(_ path: String) async throws -> ParsedMail {
        let finished = try await ProgramUnderTest.run(
            "/usr/bin/python3",
            ["\(PackageLayout.root)/Tests/Servers/parse_mail.py", path]
        )
        return try decode(ParsedMail.self, finished.output)
    }
}
