/// Leads a fresh socket to an open channel 1.
///
/// Pure: methods of the broker in, methods for the broker out. Every step waits for exactly one method.
///
///     start ──▶ tune ──▶ open-ok ──▶ channel.open-ok ──▶ done
///
/// Source: AMQP 0-9-1 section 2.2.4.
struct HandshakeMachine {
    /// What was agreed.
    struct Parameters: Equatable {
        /// Largest frame in bytes, at least 4096 (the protocol's own minimum).
        var frameMax: Int
        /// `nil`: no heartbeats.
        var heartbeat: Duration?
    }

    enum Action: Equatable {
        /// Send on this channel and wait.
        case send([OutboundMethod], channel: UInt16)
        /// Adopt these limits, send on channel 0 and wait.
        case tune(Parameters, send: [OutboundMethod])
        /// Channel 1 is open.
        case finished
        case failed(RabbitMQError)
    }

    private enum Step {
        case awaitingStart, awaitingTune, awaitingOpenOk, awaitingChannelOpenOk, over
    }

    /// Frames of 128 KiB, RabbitMQ's own default.
    static let frameMax: UInt32 = 131_072

    private var step = Step.awaitingStart
    private let endpoint: Endpoint
    private let mechanism: Endpoint.Mechanism
    private let heartbeatSeconds: UInt16
    private let properties: FieldTable

    /// `hasCertificate`: whether we can show one when TLS asks for it.
    init(endpoint: Endpoint, heartbeat: Duration, connectionName: String, hasCertificate: Bool = false) {
        self.endpoint = endpoint
        mechanism = endpoint.mechanism(hasCertificate: hasCertificate)
        heartbeatSeconds = UInt16(clamping: max(heartbeat.components.seconds, 1))
        properties = [
            "product": "Order Events", "platform": "Swift, librabbitmq",
            "connection_name": .string(connectionName),
            // Without these a deleted queue leaves a deaf consumer, an alarm looks like a hang, and a wrong
            // password like a broken wire. Source: RabbitMQ guides on consumer cancellation and capabilities.
            "capabilities": .table([
                "consumer_cancel_notify": true, "connection.blocked": true, "basic.nack": true,
                "publisher_confirms": true, "authentication_failure_close": true,
            ]),
        ]
    }

    /// The broker sent a method.
    mutating func received(_ method: InboundMethod) -> Action {
        switch (step, method) {
        case (.awaitingStart, .connectionStart(let mechanisms)):
            guard mechanisms.split(separator: " ").contains(Substring(mechanism.rawValue)) else {
                let hint =
                    mechanism == .external
                    ? "; rabbitmq_auth_mechanism_ssl and auth_mechanisms are needed" : ""
                return fail(
                    .refused(.notAllowed),
                    "the broker offers \(mechanisms), not \(mechanism.rawValue)\(hint)"
                )
            }
            step = .awaitingTune
            let login = OutboundMethod.connectionStartOk(
                properties: properties,
                mechanism: mechanism.rawValue,
                response: response
            )
            return .send([login], channel: 0)
        case (.awaitingTune, .connectionTune(let channelMax, let frameMax, let heartbeat)):
            step = .awaitingOpenOk
            return tuned(channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat)
        case (.awaitingOpenOk, .connectionOpenOk):
            step = .awaitingChannelOpenOk
            return .send([.channelOpen], channel: 1)
        case (.awaitingChannelOpenOk, .channelOpenOk):
            step = .over
            return .finished
        case (_, .connectionBlocked), (_, .connectionUnblocked):
            return .send([], channel: 0)
        default:
            return fail(.malformed, "an unexpected method during login")
        }
    }

    /// EXTERNAL has nothing to say: the certificate has said it.
    private var response: [UInt8] {
        switch mechanism {
        case .plain: [0] + Array(endpoint.user.utf8) + [0] + Array(endpoint.password.utf8)
        case .external: []
        }
    }

    private func tuned(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16) -> Action {
        // 0 means no limit of the broker's. The smaller of both sides counts.
        let frame = frameMax == 0 ? Self.frameMax : max(4096, min(frameMax, Self.frameMax))
        let seconds = heartbeat == 0 ? heartbeatSeconds : min(heartbeat, heartbeatSeconds)
        let channels = channelMax == 0 ? 8 : min(channelMax, 8)
        let parameters = Parameters(frameMax: Int(frame), heartbeat: .seconds(Int(seconds)))
        return .tune(
            parameters,
            send: [
                .connectionTuneOk(channelMax: channels, frameMax: frame, heartbeat: seconds),
                .connectionOpen(virtualHost: endpoint.virtualHost),
            ]
        )
    }

    private mutating func fail(_ kind: RabbitMQError.Kind, _ detail: String) -> Action {
        step = .over
        return .failed(RabbitMQError(kind, during: .logIn, detail))
    }
}
