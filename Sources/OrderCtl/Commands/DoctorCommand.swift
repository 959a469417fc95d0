import ArgumentParser
import Curl
import FoundationEssentials
import RabbitMQ
import ServiceKit
import WorkQueue

/// The command `orderctl doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what is wrong with the system and how to mend it; exit code 1 for a problem.",
        discussion: """
            Looks at the order service, the broker (version, plugins, alarms, queues and their arguments, permissions), \
            the databases and the clocks. Changes nothing.
            """
    )

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        let (topology, location) = try await options.resolve()
        var findings = await orderService(location)
        findings += await broker(location, topology)
        findings += await DatabaseExamination.findings(
            directory: UpDirectory.choose(
                options.location.directory,
                environment: ProcessInfo.processInfo.environment
            ),
            location: location
        )
        if options.location.json {
            try Console.json(findings)
        } else {
            Console.line(findings.text)
        }
        if findings.contains(where: { $0.state == .problem }) { throw CommandError.alreadyTold }
    }

    private func orderService(_ location: SystemLocation) async -> [Finding] {
        let check = "order service"
        do {
            let response = try await OrderServiceClient(location).send("GET", "/health/ready")
            let clock = ClockExamination.finding(
                "the order service",
                date: response.header("Date"),
                now: .now
            )
            guard response.status == 200 else {
                return [
                    .problem(
                        check,
                        "not ready: \(response.text)",
                        remedy: "each check that is not \"ok\" says what it waits for"
                    )
                ] + (clock.map { [$0] } ?? [])
            }
            return [.ok(check, "ready at \(location.orderService)")] + (clock.map { [$0] } ?? [])
        } catch {
            return [
                .problem(
                    check,
                    "does not answer at \(location.orderService)",
                    remedy: "start it with `orderctl up`, or name it with --order-service"
                )
            ]
        }
    }

    private func broker(_ location: SystemLocation, _ topology: Topology) async -> [Finding] {
        let address = location.broker.endpoints.map(\.description).joined(separator: ", ")
        var findings: [Finding] = []
        do {
            try await BrokerSession.withOperator(location.broker) { _ in }
            findings.append(.ok("broker", "takes connections at \(address)"))
        } catch {
            let reason = (error as? CommandError)?.message ?? "\(error)"
            findings.append(
                .problem(
                    "broker",
                    reason,
                    remedy: "start it with `orderctl up`, or name it with --rabbitmq-url"
                )
            )
        }
        do {
            let facts = try await BrokerFacts.read(location)
            let objects = try await ManagementAPI(location).objects()
            let examination = BrokerExamination(
                facts: facts,
                topology: topology,
                differences: TopologyCheck(expected: topology, found: objects).differences,
                user: location.broker.endpoints[0].user
            )
            findings += examination.findings
            if let clock = ClockExamination.finding("the broker", date: facts.date, now: .now) {
                findings.append(clock)
            }
        } catch {
            findings.append(
                .problem(
                    "management API",
                    error.message,
                    remedy: "rabbitmq-plugins enable rabbitmq_management, or name it with --management-url"
                )
            )
        }
        return findings
    }
}
