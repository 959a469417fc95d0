import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import AnalyticsWorker
@testable import InventoryWorker
@testable import NotificationWorker
@testable import ServiceKit

/// The files under `Config` show every key with its default, as a comment.
@Suite("The settings that ship")
struct ShippedSettingsTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Copies a shipped file with its comments made real.
    private func uncomment(_ name: String) throws {
        let data = try #require(FileManager.default.contents(atPath: shipped("\(name).yaml")))
        let lines = String(decoding: data, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let real = lines.map { $0.replacing(/^(  |    )# ([a-z-]+: )/) { "\($0.output.1)\($0.output.2)" } }
        let file = directory.appending("\(name).yaml").string
        try Data(real.joined(separator: "\n").utf8).write(to: URL(filePath: file))
    }

    private func check<Settings: Sendable>(_ worker: WorkerProgram<Settings>, _ name: String) async throws {
        try uncomment(name)
        let arguments = ["--config-directory", directory.path.string]
        let (shown, shownLog) = try await worker.program.readSettings(arguments: arguments, environment: [:])
        let (plain, plainLog) = try await worker.program.readSettings(
            arguments: ["--config-directory", "/nowhere"],
            environment: [:]
        )
        #expect("\(shown)" == "\(plain)")
        #expect(shownLog.level == plainLog.level)
        // What is shown is all there is, less the folder that the file itself is in.
        let sources = await SettingsSources(program: name, arguments: arguments, environment: [:])
        var checklist = SettingsChecklist(sources)
        _ = LogSettings(reading: &checklist)
        worker.program.readAll(&checklist)
        let declared = Set(checklist.declarations.map(\.key)).subtracting(["config.directory"])
        #expect(Set(sources.fileKeys) == declared)
    }

    @Test("each worker's file names exactly its keys, with their real defaults")
    func workers() async throws {
        try await check(InventoryProgram.program, "inventory-worker")
        try await check(NotificationProgram.program, "notification-worker")
        try await check(AnalyticsProgram.program, "analytics-worker")
    }
}
