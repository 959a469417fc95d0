import Foundation
import SystemPackage
import TestSupport

/// Says something to a server, and collects what comes back until the server closes the connection.
final class Conversation: Sendable {
    private let process = Process()
    private let directory: TemporaryDirectory
    private let file: String

    private static let atOnce = #"printf "%b" "$2" >&3; exec cat <&3"#
    /// A character every 30 ms, for as long as the server listens.
    private static let dripping = """
        printf "%b" "$2" >&3; while printf x >&3; do read -rt 0.03 -u 3 _; done 2>/dev/null; true
        """

    /// Begins to talk; where `isDripping`, goes on after the words with single characters for ever.
    init(port: Int, saying words: String, isDripping: Bool = false) throws {
        directory = try TemporaryDirectory()
        file = directory.appending("answer").string
        try Data().write(to: URL(filePath: file))
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [
            "-c", #"exec 3<>"/dev/tcp/127.0.0.1/$1" && "# + (isDripping ? Self.dripping : Self.atOnce),
            "bash",
            "\(port)", words,
        ]
        process.standardOutput = FileHandle(forWritingAtPath: file)
        try process.run()
    }

    deinit {
        hangUp()
    }

    /// What has come so far.
    var said: String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }

    /// The client goes away.
    func hangUp() {
        // By force: a child may have inherited that SIGTERM is ignored.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Everything that came; waits for the server to close.
    func answer() async throws -> String {
        try await eventually("the server closes the connection") { !process.isRunning }
        return said
    }
}
