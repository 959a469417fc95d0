/// Which cluster on this machine a node belongs to.
///
/// The nodes find each other by a fixed list and must be started together; a minority that cannot see the others
/// pauses itself. All name the same port mapper in their ports, which whoever starts the nodes runs.
public struct NodeCluster: Hashable, Sendable {
    /// This node's name, without a host.
    public var member: String
    /// Every node's name, this one's too.
    public var members: [String]
    /// The Erlang cookie that they share; a secret.
    public var cookie: String

    /// Describes a membership.
    public init(member: String, members: [String], cookie: String) {
        self.member = member
        self.members = members
        self.cookie = cookie
    }

    /// The lines of `rabbitmq.conf`.
    var configuration: String {
        let nodes = members.enumerated()
            .map { number, name in
                "cluster_formation.classic_config.nodes.\(number + 1) = \(name)@localhost"
            }
        let lines =
            ["cluster_formation.peer_discovery_backend = classic_config"] + nodes
            + ["cluster_partition_handling = pause_minority", ""]
        return lines.joined(separator: "\n")
    }
}
