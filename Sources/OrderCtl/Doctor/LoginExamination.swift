import EventLog
import OrderEvents
import RabbitMQ
import WorkQueue

/// Judges whether each service's login can do its own work, and what it may do beside that.
///
/// Pure. A login is a service's when it has the name of the service's queue.
struct LoginExamination {
    let logins: [BrokerFacts.Login]
    let topology: Topology

    var findings: [Finding] {
        let known = logins.filter { services.contains($0.user) }
        let findings = known.flatMap(judge) + guest
        guard findings.isEmpty, !known.isEmpty else { return findings }
        return [.ok("logins", "each service's may do its own work and nothing else")]
    }

    /// Whether a login is a service's own, and so not an operator's.
    func isService(_ user: String) -> Bool { services.contains(user) }

    private var services: [String] {
        let exchanges = Set(topology.exchanges.map(\.name))
        return topology.queues.map(\.name).filter { exchanges.contains(ServiceNames($0).failures) }
    }

    /// Where a service tells others something: the order service its events, a worker its outcomes.
    private func published(by service: String) -> [String] {
        service == Topology.orderServiceName ? [OrderEvents.exchangeName] : [OrderEvents.outcomesExchangeName]
    }

    private func judge(_ login: BrokerFacts.Login) -> [Finding] {
        let check = "login \(login.user)"
        let names = ServiceNames(login.user)
        let writes = [names.failures] + published(by: login.user)
        let lacking =
            Self.list("write", writes.filter { !BrokerExamination.matches($0, login.write) })
            + Self.list("read", [names.queue].filter { !BrokerExamination.matches($0, login.read) })
        if !lacking.isEmpty {
            let detail = "may not \(lacking.joined(separator: "; ")), which its work needs"
            return [.problem(check, detail, remedy: remedy(for: login))]
        }
        let further = excess(of: login)
        guard !further.isEmpty else { return [] }
        let detail = "may also \(further.joined(separator: "; "))"
        return [.warning(check, detail, remedy: remedy(for: login))]
    }

    /// What no service needs: to configure, to read beside its queue, to reach a queue past the exchanges.
    private func excess(of login: BrokerFacts.Login) -> [String] {
        let names = ServiceNames(login.user)
        let all = topology.exchanges.map(\.name) + topology.queues.map(\.name)
        let shared = [OrderEvents.exchangeName, OrderEvents.outcomesExchangeName, names.failures]
        let writable = ["amq.default"] + all.filter { !shared.contains($0) }
        return Self.list("configure", all.filter { BrokerExamination.matches($0, login.configure) })
            + Self.list("write", writable.filter { BrokerExamination.matches($0, login.write) })
            + Self.list(
                "read",
                all.filter { $0 != names.queue && BrokerExamination.matches($0, login.read) }
            )
    }

    /// The least permissions, with the shared exchanges that the login may write to now.
    private func remedy(for login: BrokerFacts.Login) -> String {
        let shared = [OrderEvents.exchangeName, OrderEvents.outcomesExchangeName]
        let needed = published(by: login.user)
        let least = ServicePermissions(
            of: login.user,
            publishingTo: shared.filter {
                needed.contains($0)
                    || (login.write != ".*" && BrokerExamination.matches($0, login.write))
            }
        )
        return
            "rabbitmqctl set_permissions \(login.user) '\(least.configure)' '\(least.write)' '\(least.read)'"
    }

    private var guest: [Finding] {
        guard logins.contains(where: { $0.user == "guest" }) else { return [] }
        return [
            .warning(
                "login guest",
                "everybody knows its password",
                remedy: "rabbitmqctl delete_user guest, once every program has a login of its own"
            )
        ]
    }

    private static func list(_ kind: String, _ names: [String]) -> [String] {
        let further = names.count > 3 ? " and \(names.count - 3) more" : ""
        return names.isEmpty ? [] : ["\(kind) \(names.prefix(3).joined(separator: ", "))\(further)"]
    }
}
