internal import Confinement
internal import Logging

/// The body of a connection's thread.
///
/// Obeys its machines and holds no policy. A turn: take commands, act on the clock, let the role write, send once,
/// sleep, read once. Where the role wants a pause before the read, what gathers in it is a turn without one. It sleeps
/// in these two places, and no call in it blocks.
struct ConnectionLoop<Role: ChannelRole>: ~Copyable {
    private let outside: Surroundings
    private var role: Role
    private var machine: ConnectionMachine
    private var link: Link?
    private var candidates: [SocketAddress] = []
    /// For this attempt, where its endpoint asks for TLS.
    private var security: SecureMaterial?
    private var attempt = 0
    private var attemptDeadline: Deadline?
    private var stopDeadline: Deadline?
    private var isBlocked = false
    /// The role has more to write and the socket takes it: the next turn must not wait.
    private var isBehind = false
    private var isOver = false
    /// The last reason in the log that somebody has to remove; told once, then only when another comes.
    private var toldRefusal: RabbitMQError?
    private let buffer = ReceiveBuffer()
    /// Taken from the mailbox; empty between turns.
    private var commands: [LoopCommand<Role.Command>] = []

    /// Full buffers that one turn sends, 4 MiB; then reading has its turn.
    private static var writesPerTurn: Int { 16 }
    /// Room for so many commands is kept from turn to turn.
    private static var usualCommands: Int { 1_024 }

    init(_ role: Role, _ outside: Surroundings) {
        self.role = role
        self.outside = outside
        machine = ConnectionMachine(
            backoff: outside.backoff,
            endpoints: outside.settings.endpoints.count
        )
    }

    /// Runs until somebody asked to stop.
    ///
    /// Owning thread only.
    mutating func run() {
        while !isOver {
            let now = Deadline.now
            outside.mailbox.takeAll(into: &commands)
            for command in commands { obey(command, at: now) }
            // After a flood, its room is given back.
            commands.removeAll(keepingCapacity: commands.count <= Self.usualCommands)
            role.expire(at: now)
            act(at: now)
            guard !isOver else { break }
            if let pause = role.takePause() {
                outside.mailbox.doze(until: now.advanced(by: pause.length), company: pause.company)
                continue
            }
            let wakeup = sleep()
            read(wakeup, at: .now)
            role.turnEnded()
        }
        link = nil
        outside.status.current = .stopped
        role.shutDown()
        for case .role(let command) in outside.mailbox.close() { role.refuse(command) }
    }

    private mutating func obey(_ command: LoopCommand<Role.Command>, at now: Deadline) {
        switch command {
        case .role(let command):
            role.perform(command, at: now)
        case .resolved(let attempt, let result):
            guard attempt == self.attempt, link == nil, case .connecting = machine.state else { return }
            switch result {
            case .success(let way):
                let addresses = way.addresses
                security = way.security
                // Each attempt begins with another address, so that one which swallows packets does not use up them all.
                let first = addresses.isEmpty ? 0 : (attempt - 1) % addresses.count
                candidates = Array(addresses[first...] + addresses[..<first])
                connectToNext(at: now, after: RabbitMQError(.unreachable, during: .resolve, "no address"))
            case .failure(let error):
                lost(error, at: now)
            }
        case .stop:
            stopDeadline = stopDeadline ?? now.advanced(by: outside.stopPatience)
        }
    }

    private mutating func act(at now: Deadline) {
        if let stopDeadline, link?.isWorking != true || role.isIdle || stopDeadline.isPast(at: now) {
            beginClosing(at: now)
            guard !isOver else { return }
        } else if machine.clockMoved(to: now) {
            beginAttempt(at: now)
        }
        if let attemptDeadline, attemptDeadline.isPast(at: now) {
            let owed = link?.owed ?? "from the resolver"
            lost(
                RabbitMQError(
                    .unreachable,
                    during: .connect,
                    "no answer \(owed) in \(outside.settings.attemptPatience)"
                ),
                at: now
            )
        }
        guard link != nil else { return }
        do throws(RabbitMQError) {
            // Again while the buffer was full and the socket took all of it: nobody would wake us for the rest.
            isBehind = true
            for _ in 0..<Self.writesPerTurn where isBehind {
                if link?.isWorking == true, !(isBlocked && Role.restsWhileBlocked) {
                    try link?.write { (encoder) throws(RabbitMQError) in try role.write(to: &encoder) }
                }
                let wasFull = link?.isFull ?? false
                try link?.send(at: now)
                role.sent()
                isBehind = wasFull && link?.wantsToWrite == false
            }
        } catch {
            lost(error, at: now)
        }
    }

    private mutating func sleep() -> WakeSignal.Wakeup {
        var deadline = [role.nextDeadline, link?.nextDeadline, attemptDeadline, stopDeadline]
            .compactMap(\.self).min()
        if isBehind { deadline = .now }
        if case .waiting(_, let until) = machine.state { deadline = min(deadline ?? until, until) }
        return outside.mailbox.wake.sleep(
            until: deadline,
            watching: link?.descriptor,
            forWriting: link?.wantsToWrite ?? false
        )
    }

    private mutating func read(_ wakeup: WakeSignal.Wakeup, at now: Deadline) {
        guard link != nil else { return }
        do throws(RabbitMQError) {
            if link?.isConnecting == true {
                if wakeup.contains(.writable) { try link?.connected() }
            } else if wakeup.contains(.readable) {
                for event in try link?.receive(with: buffer, at: now, into: &role) ?? [] { happened(event) }
            }
        } catch {
            if link?.isConnecting == true { return connectToNext(at: now, after: error) }
            lost(error, at: now)
        }
    }

    private mutating func happened(_ event: Link.Event) {
        switch event {
        case .opened:
            attemptDeadline = nil
            machine.connectionOpened(at: .now)
            toldRefusal = nil
            role.channelOpened()
            outside.status.current = isBlocked ? outside.status.current : .open
            outside.logger.info("Broker connection established", metadata: description)
        case .blocked(let reason):
            isBlocked = true
            outside.status.current = .blocked(reason)
            outside.logger.warning("Broker blocks publishing", metadata: ["reason": "\(reason)"])
        case .unblocked:
            isBlocked = false
            outside.status.current = .open
            outside.logger.info("Broker takes publishes again")
        case .closed:
            isOver = true
        }
    }
}

extension ConnectionLoop {
    private var endpoint: Endpoint {
        let endpoints = outside.settings.endpoints
        return endpoints[max(attempt - 1, 0) % endpoints.count]
    }

    private var description: Logger.Metadata {
        ["broker": "\(endpoint)", "connection": "\(outside.settings.connectionName)"]
    }

    private mutating func beginAttempt(at now: Deadline) {
        attempt += 1
        attemptDeadline = now.advanced(by: outside.settings.attemptPatience)
        if outside.status.current == .idle { outside.status.current = .connecting }
        let (endpoint, security, number) = (endpoint, outside.settings.security, attempt)
        let mailbox = outside.mailbox
        do {
            try ConfinedThread.start(named: "amqp:resolve") {
                let result = Result { () throws(RabbitMQError) in try Way.find(to: endpoint, security) }
                // A closed mailbox means that nobody waits: the attempt then ends by its deadline.
                _ = mailbox.offer(.resolved(attempt: number, result), isUrgent: true)
            }
        } catch {
            lost(RabbitMQError(.unreachable, during: .resolve, error.description), at: now)
        }
    }

    /// Tries the addresses of a name one after the other, as `localhost` may stand for `::1` first.
    private mutating func connectToNext(at now: Deadline, after error: RabbitMQError) {
        link = nil
        var error = error
        while !candidates.isEmpty {
            let address = candidates.removeFirst()
            let handshake = HandshakeMachine(
                endpoint: endpoint,
                heartbeat: outside.settings.heartbeat,
                connectionName: outside.settings.connectionName,
                hasCertificate: security?.certificate != nil
            )
            do throws(RabbitMQError) {
                link = try Link(
                    to: address,
                    host: endpoint.host,
                    security: security,
                    handshake: handshake,
                    topology: outside.topology,
                    duty: outside.settings.topologyDuty,
                    opening: role.opening,
                    at: now
                )
                return
            } catch let refusal {
                error = refusal
            }
        }
        lost(error, at: now)
    }

    private mutating func lost(_ error: RabbitMQError, at now: Deadline) {
        if link?.isWorking == true {
            // Only a connection that still stands hears it: after a channel's error we leave politely.
            link?.close(.success, "starting over")
            try? link?.send(at: now)
            role.channelLost(error)
        }
        link = nil
        isBlocked = false
        isBehind = false
        attemptDeadline = nil
        candidates = []
        security = nil
        outside.status.current = .waiting(error)
        switch machine.connectionLost(at: now, roll: .random(in: 0..<1)) {
        case .lost:
            var metadata = description
            metadata["reason"] = "\(error)"
            outside.logger.warning(
                "Broker connection lost, trying again until it is back",
                metadata: metadata
            )
        case .stillAway where error.advice == .giveUp && error != toldRefusal:
            // Only a person can remove this reason, and it is not the one that was told.
            var metadata = description
            metadata["reason"] = "\(error)"
            outside.logger.warning("Broker connection refused, trying again", metadata: metadata)
        case .stillAway:
            outside.logger.debug("Broker still away", metadata: ["reason": "\(error)"])
        }
        if error.advice == .giveUp { toldRefusal = error }
        if stopDeadline != nil { isOver = true }
    }

    /// The last words; then the broker's answer is awaited for a second, no longer.
    private mutating func beginClosing(at now: Deadline) {
        guard link?.isWorking == true else {
            // On the way to a broker: nobody's work is lost. Closing already: the answer or its deadline ends it.
            isOver = machine.state != .stopped
            return
        }
        role.hurry()
        if !(isBlocked && Role.restsWhileBlocked) {
            do throws(RabbitMQError) {
                try link?.write { (encoder) throws(RabbitMQError) in try role.write(to: &encoder) }
            } catch {
                return lost(error, at: now)
            }
        }
        link?.close(.success, "bye")
        machine.stopped()
        attemptDeadline = now.advanced(by: .seconds(1))
        stopDeadline = attemptDeadline
    }
}
