internal import Confinement
internal import Logging

extension ConnectionLoop {
    /// What the thread works with, from outside.
    struct Surroundings: Sendable {
        let settings: BrokerSettings
        let topology: Topology
        let mailbox: Mailbox<LoopCommand<Role.Command>>
        let status: StatusBox
        let logger: Logger
        /// Longest that stopping waits for what is on the way.
        ///
        /// Then what is still unanswered is answered *unknown*.
        let stopPatience: Duration
        /// How long to rest after a loss.
        var backoff = BackoffPolicy.reconnect
    }
}
