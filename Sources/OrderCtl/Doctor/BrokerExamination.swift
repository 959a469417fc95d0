import RabbitMQ
import WorkQueue

/// Judges what a broker says about itself.
///
/// Pure.
struct BrokerExamination {
    /// The oldest broker that this system is tested with.
    static let oldestVersion = (major: 3, minor: 10)

    let facts: BrokerFacts
    let topology: Topology
    let differences: [TopologyCheck.Difference]
    let user: String

    var findings: [Finding] {
        let logins = LoginExamination(logins: facts.logins, topology: topology)
        return [version, plugins] + alarms + arguments
            + [logins.isService(user) ? ownPermissions : permissions] + logins.findings
    }

    private var version: Finding {
        let text = facts.overview.version
        let numbers = text.split(separator: ".").prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else {
            return .warning("broker version", "unknown: \"\(text)\"", remedy: "use RabbitMQ 3.10 or later")
        }
        let oldest = Self.oldestVersion
        guard (numbers[0], numbers[1]) >= (oldest.major, oldest.minor) else {
            return .problem(
                "broker version",
                "RabbitMQ \(text)",
                remedy: "upgrade to \(oldest.major).\(oldest.minor) or later: older ones lose dead letters"
            )
        }
        return .ok("broker version", "RabbitMQ \(text)")
    }

    private var plugins: Finding {
        let enabled = Set(facts.nodes.flatMap { $0.plugins ?? [] })
        guard enabled.isEmpty || enabled.contains("rabbitmq_management") else {
            return .problem(
                "plugins",
                "rabbitmq_management is not enabled",
                remedy: "rabbitmq-plugins enable rabbitmq_management"
            )
        }
        return .ok("plugins", "rabbitmq_management is enabled")
    }

    private var alarms: [Finding] {
        let findings = facts.nodes.flatMap { node -> [Finding] in
            var findings: [Finding] = []
            let check = "node \(node.name)"
            if !node.running {
                findings.append(
                    .problem(check, "is down", remedy: "start it, or remove it from the cluster")
                )
            }
            if node.memoryAlarm == true {
                let remedy = "publishing stands still: start workers, or raise vm_memory_high_watermark"
                findings.append(.problem(check, "memory alarm", remedy: remedy))
            }
            if node.diskAlarm == true {
                let remedy = "publishing stands still: free disk space, or lower disk_free_limit"
                findings.append(.problem(check, "disk alarm", remedy: remedy))
            }
            if let partitions = node.partitions, !partitions.isEmpty {
                let others = partitions.joined(separator: ", ")
                let remedy = "mend the network, then restart the smaller part"
                findings.append(.problem(check, "is cut off from \(others)", remedy: remedy))
            }
            return findings
        }
        return findings.isEmpty ? [.ok("alarms", "none")] : findings
    }

    private var arguments: [Finding] {
        guard !differences.isEmpty else {
            return [.ok("topology", "exchanges, queues, arguments and bindings are as they should be")]
        }
        return differences.map { difference in
            let isMissing = difference.what == "existence"
            return .problem(
                difference.object,
                isMissing
                    ? "is missing"
                    : "\(difference.what) is \(difference.found), should be \(difference.expected)",
                remedy: isMissing
                    ? "orderctl topology apply"
                    : "a queue or exchange cannot be changed: empty and delete it, then orderctl topology apply"
            )
        }
    }

    /// Somebody looks with a service's login, which is judged as such.
    private var ownPermissions: Finding {
        .warning(
            "permissions",
            "\(user) is the login of a service, which may repair nothing",
            remedy: "use the operator's, with --rabbitmq-url or RABBITMQ_URL"
        )
    }

    private var permissions: Finding {
        let check = "permissions"
        guard let permissions = facts.permissions else {
            return .problem(
                check,
                "\(user) has none on this virtual host",
                remedy: "rabbitmqctl set_permissions \(user) '.*' '.*' '.*'"
            )
        }
        let names = topology.exchanges.map(\.name) + topology.queues.map(\.name)
        let lacking = [
            ("configure", permissions.configure), ("write", permissions.write), ("read", permissions.read),
        ]
        .compactMap { kind, pattern -> String? in
            let refused = names.filter { !Self.matches($0, pattern) }
            return refused.isEmpty ? nil : "\(kind) \(refused.prefix(3).joined(separator: ", "))"
        }
        guard lacking.isEmpty else {
            return .problem(
                check,
                "\(user) may not \(lacking.joined(separator: "; "))",
                remedy: "rabbitmqctl set_permissions, for an operator '.*' '.*' '.*'"
            )
        }
        return .ok(check, "\(user) may configure, write and read everything of the system")
    }

    /// Whether the broker would let the name pass: it searches, anchored only where the pattern is.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        // An empty pattern is RabbitMQ's word for nothing at all.
        guard !pattern.isEmpty, let expression = try? Regex(pattern) else { return false }
        return name.contains(expression)
    }
}
