import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

@Suite("A worker's filters", .serialized, .privateBroker)
struct FilterTests {
    private static let expression = #"total >= 100 && product_id in [1, 2] && type == "order.created""#

    @Test("only matching orders are handled, the others are acknowledged and counted")
    func filter() async throws {
        let rig = try FilterRig()
        try await rig.withWorker(["WORKER_FILTER": Self.expression]) { worker in
            for number in 0..<24 {
                // Products 1 to 3, and totals around a hundred.
                let total = ["99.99", "100", "1e2", "100.00"][number % 4]
                #expect(try await rig.publish(number, product: 1 + number % 3, total: total))
            }
            try await eventually("all are settled") {
                let filtered = try await rig.count("filtered", worker)
                return try await rig.count("done", worker) == 12 && filtered == 12
            }
            #expect(try await rig.count("dead_lettered", worker) == 0)
        }
    }

    @Test("the broker keeps back what its filter rejects, and `topology check` knows that way and its faults")
    func brokerFilter() async throws {
        let rig = try FilterRig()
        let both = ["WORKER_FILTER": #"type == "order.created""#, "WORKER_BROKER_FILTER": "true"]
        try await rig.withWorker(both) { worker in
            #expect(try await rig.publish(100, product: 1, total: "1"))
            #expect(try await !rig.publish(101, product: 1, total: "1", type: "order.cancelled"))
            try await eventually("it is done") { try await rig.count("done", worker) == 1 }
            #expect(try await rig.count("filtered", worker) == 0)
            let check = try await rig.orderctl("topology", "check", "inventory")
            #expect(check.exit == .code(0), "\(check.output)\(check.error)")
            // Whoever declares the usual topology opens the direct way again.
            #expect(try await rig.orderctl("topology", "apply", "inventory").exit == .code(0))
            #expect(try await rig.publish(102, product: 1, total: "1", type: "order.cancelled"))
            try await eventually("the worker asks its filter, too") {
                try await rig.count("filtered", worker) == 1
            }
            let stale = try await rig.orderctl("topology", "check", "inventory")
            #expect(stale.exit == .code(1))
            #expect(stale.output.contains("binding of inventory to orders.events"))
            #expect(stale.output.contains("restart a worker of inventory"))
        }
        try await rig.withWorker(both) { _ in
            let mended = try await rig.orderctl("topology", "check", "inventory")
            #expect(mended.exit == .code(0), "\(mended.output)")
        }
        try await rig.withWorker([:]) { worker in
            let check = try await rig.orderctl("topology", "check", "inventory")
            #expect(check.exit == .code(0), "\(check.output)\(check.error)")
            #expect(try await rig.publish(103, product: 1, total: "1", type: "order.cancelled"))
            try await eventually("everything comes again") {
                try await rig.count("unknown_type", worker) == 1
            }
        }
    }

    @Test(
        "that cannot be used are told with their columns, together with everything else, and the worker ends with 78"
    )
    func badFilters() async throws {
        let finished = try await ProgramUnderTest.run(
            "inventory-worker",
            ["--worker-broker-filter", #"type == "order.created" && total > 5"#],
            environment: ["WORKER_FILTER": #"totl >= 100 && type == "order.created""#, "LOG_LEVEL": "loud"]
        )
        #expect(finished.exit == .code(78))
        for text in [
            "3 settings cannot be used:", "log.level: ",
            """
              worker.filter: column 1: expected an attribute or a field of the body, found totl; did you mean total? \
            (WORKER_FILTER)
                  totl >= 100 && type == "order.created"
                  ^
            """,
            """
              worker.broker-filter: column 34: expected only == on headers, joined by &&, for the broker, found >; \
            write this condition in worker.filter (--worker-broker-filter)
                  type == "order.created" && total > 5
                                                   ^
            """,
        ] {
            #expect(finished.error.contains(text), "\(finished.error)")
        }
    }

    @Test("are read from the file, too", arguments: ["'total >='", "'!has('", "100", "'type == 5'"])
    func badFile(filter: String) async throws {
        let directory = try TemporaryDirectory("filter-settings")
        let file = "worker:\n  filter: \(filter)\n  broker-filter: true\n"
        try Data(file.utf8).write(to: URL(filePath: directory.text(of: "inventory-worker.yaml")))
        let finished = try await ProgramUnderTest.run(
            "inventory-worker",
            environment: ["CONFIG_DIRECTORY": directory.text]
        )
        #expect(finished.exit == .code(78))
        #expect(
            finished.error.contains("1 setting cannot be used:\n  worker.filter: column "),
            "\(finished.error)"
        )
        #expect(finished.error.contains("inventory-worker.yaml)\n"))
    }

    @Test("for the broker alone need an expression of headers to give to it")
    func nothingToGive() async throws {
        let finished = try await ProgramUnderTest.run(
            "inventory-worker",
            environment: ["WORKER_BROKER_FILTER": "true"]
        )
        #expect(finished.exit == .code(78))
        #expect(finished.error.contains("gives worker.filter to the broker, and there is no worker.filter"))
    }
}
