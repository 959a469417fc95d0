import EventFilter
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import ServiceKit

@Suite("Filters in the settings")
struct FilterSettingsTests {
    private func read(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        yaml: String? = nil
    ) async throws -> (FilterSettings, problems: [String]) {
        let directory = try TemporaryDirectory()
        if let yaml {
            try Data(yaml.utf8).write(to: URL(filePath: directory.appending("shop.yaml").string))
        }
        let sources = await SettingsSources(
            program: "shop",
            arguments: arguments,
            environment: environment.merging(["CONFIG_DIRECTORY": directory.path.string]) { $1 }
        )
        var checklist = SettingsChecklist(sources)
        let filters = FilterSettings(reading: &checklist)
        do throws(SettingsError) {
            try checklist.finish()
            return (filters, [])
        } catch {
            return (filters, error.problems)
        }
    }

    @Test("are none where nothing is given, or what the defaults say")
    func none() async throws {
        for environment in [[:], ["WORKER_FILTER": "true", "WORKER_BROKER_FILTER": "false"]] {
            let (filters, problems) = try await read(environment: environment)
            #expect(filters.filter == nil && filters.brokerFilter == nil)
            #expect(problems.isEmpty)
        }
    }

    @Test("come from the flag, the environment and the file, in this order")
    func sources() async throws {
        let yaml = """
            worker:
              filter: total > 1 && product_id in [1, 2]
              broker-filter: type == "from.file"
            """
        let (file, none) = try await read(yaml: yaml)
        #expect(none.isEmpty)
        #expect(file.filter?.source == "total > 1 && product_id in [1, 2]")
        #expect(file.brokerFilter?.conditions.map(\.value) == [.text("from.file")])
        let environment = [
            "WORKER_FILTER": "total > 2", "WORKER_BROKER_FILTER": #"type == "from.environment""#,
        ]
        let (variable, _) = try await read(environment: environment, yaml: yaml)
        #expect(variable.filter?.source == "total > 2")
        #expect(variable.brokerFilter?.conditions.map(\.value) == [.text("from.environment")])
        let flags = ["--worker-filter", "total > 3", #"--worker-broker-filter=type == "from.flag""#]
        let (flag, problems) = try await read(flags, environment: environment, yaml: yaml)
        #expect(problems.isEmpty)
        #expect(flag.filter?.source == "total > 3")
        #expect(flag.brokerFilter?.conditions.map(\.value) == [.text("from.flag")])
    }

    @Test("give the worker's expression to the broker where they say true", arguments: ["true", "\"true\""])
    func handedOver(text: String) async throws {
        let yaml = """
            worker:
              filter: 'type == "order.created" && headers.vip == true && subject == "a"'
              broker-filter: \(text)
            """
        let (filters, problems) = try await read(yaml: yaml)
        #expect(problems.isEmpty)
        let conditions = try #require(filters.brokerFilter?.conditions)
        #expect(conditions.map(\.header) == ["cloudEvents_type", "vip", "cloudEvents_subject"])
        #expect(conditions.map(\.value) == [.text("order.created"), .flag(true), .text("a")])
        #expect(filters.brokerFilter?.filter == filters.filter)
    }

    @Test("that are wrong are pointed at below the key, and only once")
    func wrong() async throws {
        let (_, problems) = try await read(
            environment: ["WORKER_FILTER": "totl > 1", "WORKER_BROKER_FILTER": "true"]
        )
        #expect(
            problems == [
                """
                worker.filter: column 1: expected an attribute or a field of the body, found totl; \
                did you mean total? (WORKER_FILTER)
                      totl > 1
                      ^
                """
            ]
        )
        let (_, missing) = try await read(environment: ["WORKER_BROKER_FILTER": "true"])
        #expect(
            missing == [
                "worker.broker-filter: gives worker.filter to the broker, and there is no worker.filter"
                    + " (WORKER_BROKER_FILTER)"
            ]
        )
        let (_, unfit) = try await read(environment: [
            "WORKER_FILTER": "total > 1", "WORKER_BROKER_FILTER": "true",
        ])
        #expect(unfit.count == 1 && unfit[0].hasPrefix("worker.broker-filter: column 7: expected only == on"))
        #expect(unfit[0].hasSuffix("\n      total > 1\n            ^"))
    }

    @Test("know every field of every event in the catalogue")
    func catalogue() throws {
        for expression in [
            #"type == "order.created" && total >= 100.10 && price < 5 && user_id in [1, 2] && quantity == 2"#,
            #"remaining < quantity && product_name contains "Lap" && rejected_at > "2026-01-01""#,
            #"currency == "USD" && has(email) && !has(phone) && order_id == subject && body.id != id"#,
            #"created_at >= "2026-01-01" && body.unknown == 5 && body.unknown == "5""#,
        ] {
            _ = try EventFilter(expression, schema: .orderEvents)
        }
        let error = #expect(throws: FilterError.self) {
            try EventFilter(#"remaining == "none""#, schema: .orderEvents)
        }
        #expect(error?.column == 14)
    }
}
