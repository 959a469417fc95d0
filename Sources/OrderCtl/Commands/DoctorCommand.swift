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
        findings += try await workers()
        findings += await broker(location, topology)
        findings += await DatabaseExamination.findings(
            directory: UpDirectory.choose(
                options.location.directory,
                environment: ProcessInfo.processInfo.environment
            ),
            location: location
        )
        for index in findings.indices {
            findings[index].remedy = findings[index].remedy?
                .replacing("orderctl topology apply", with: options.applyCommand)
        }
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

    /// Asks the workers of a running `up` how they are.
    private func workers() async throws -> [Finding] {
        let environment = ProcessInfo.processInfo.environment
        let directory = UpDirectory.choose(options.location.directory, environment: environment)
        let running = try UpFile.running(in: directory)
        var findings: [Finding] = []
        let http = HTTPClient(connections: 1)
        for process in running?.processes ?? [] {
            guard let admin = process.admin else { continue }
            let request = HTTPRequest("GET", "\(admin)/health/ready", timeout: .seconds(5))
            guard let response = try? await http.send(request) else {
                findings.append(
                    .problem(
                        process.name,
                        "does not answer at \(admin)",
                        remedy: "see its lines in the log of `up`"
                    )
                )
                continue
            }
            guard response.status != 200 else { continue }
            findings.append(
                .problem(
                    process.name,
                    "not ready: \(response.text)",
                    remedy: "each check that is not \"ok\" says what it waits for"
                )
            )
        }
        let count = (running?.processes ?? []).count { $0.admin != nil }
        return findings.isEmpty && count > 0 ? [.ok("workers", "all \(count) are ready")] : findings
    }

    private func broker(_ location: SystemLocation, _ topology: Topology) async -> [Finding] {
        let user = location.broker.endpoints[0].user
        var examined: [Finding] = []
        var queues: [BrokerFacts.Queue] = []
        do {
            let facts = try await BrokerFacts.read(location)
            let objects = try await ManagementAPI(location).objects()
            queues = facts.queues
            examined =
                BrokerExamination(
                    facts: facts,
                    topology: topology,
                    differences: TopologyCheck(expected: topology, found: objects).differences,
                    user: user
                )
                .findings
            if let clock = ClockExamination.finding("the broker", date: facts.date, now: .now) {
                examined.append(clock)
            }
        } catch {
            // Code 1: it answers, and refuses.
            let remedy =
                error.code == CommandError.refused("").code
                ? "use the operator's login, with --rabbitmq-url or RABBITMQ_URL; a service's may not look"
                : "rabbitmq-plugins enable rabbitmq_management, or name it with --management-url"
            examined = [.problem("management API", error.message, remedy: remedy)]
        }
        return await depths(of: queues, location, topology) + examined
    }

    /// Counts what waits by asking each queue: the management API's counts are some seconds old.
    private func depths(
        of queues: [BrokerFacts.Queue],
        _ location: SystemLocation,
        _ topology: Topology
    ) async -> [Finding] {
        let known = Set(topology.queues.map(\.name))
        // Also the dead letters of services that nobody told this command of.
        let names = queues.map(\.name).filter { known.contains($0) || $0.hasSuffix(".dead") }
        do {
            let counted = try await BrokerSession.withOperator(location.broker) { broker in
                var counted: [QueueDepth] = []
                for name in names.sorted() {
                    guard let status = try await broker.queue(name, within: .seconds(10)) else { continue }
                    counted.append(
                        QueueDepth(name: name, messages: status.messages, consumers: status.consumers)
                    )
                }
                return counted
            }
            let address = location.broker.endpoints.map(\.description).joined(separator: ", ")
            return [.ok("broker", "takes connections at \(address)")] + QueueDepth.findings(counted)
        } catch {
            let reason = (error as? CommandError)?.message ?? "\(error)"
            return [
                .problem(
                    "broker",
                    reason,
                    remedy:
                        "start it with `orderctl up`, or name it with --rabbitmq-url; rabbitmq.ca names whom amqps trusts"
                )
            ]
        }
    }
}
