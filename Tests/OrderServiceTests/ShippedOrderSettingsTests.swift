import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import OrderService

@Suite("The order service's settings")
struct ShippedOrderSettingsTests {
    private func read(_ environment: [String: String], _ folder: String) async throws -> OrderServiceSettings
    {
        let arguments = ["--config-directory", folder]
        let sources = await SettingsSources(
            program: "order-service",
            arguments: arguments,
            environment: environment
        )
        var checklist = SettingsChecklist(sources)
        _ = LogSettings(reading: &checklist)
        let settings = OrderServiceSettings(reading: &checklist)
        try checklist.finish()
        return settings
    }

    @Test("the file that ships names the real defaults")
    func shipped() async throws {
        let shipped = try await read([:], "\(PackageLayout.configuration)")
        #expect("\(shipped)" == "\(try await read([:], "/nowhere"))")
        #expect(shipped.retention == .seconds(30 * 86_400))
    }

    @Test(
        "the retention is a duration, days included, or off",
        arguments: [("1h", 3_600), ("720h", 2_592_000), ("7d", 604_800), ("off", nil)] as [(String, Int?)]
    )
    func retention(text: String, seconds: Int?) async throws {
        let settings = try await read(["EVENT_RETENTION": text], "/nowhere")
        #expect(settings.retention == seconds.map { .seconds($0) })
    }

    @Test("anything else is refused by name", arguments: ["0", "30", "1d2h", "59m", "9999d", "d", "-1d"])
    func refused(text: String) async throws {
        let error = await #expect(throws: SettingsError.self) {
            _ = try await read(["EVENT_RETENTION": text], "/nowhere")
        }
        #expect(error?.explanation.contains("event.retention") == true)
    }
}
