import Database
import OrderEvents
import SystemPackage

/// Loads a private system while a schedule breaks it, waits until it is at rest, and audits it.
struct Soak: Sendable {
    let plan: SoakPlan
    /// Tells a person what happens.
    let say: @Sendable (String) -> Void

    /// Runs the soak on a system that is ready.
    ///
    /// - Parameters:
    ///   - system: Runs, and is left running.
    ///   - stops: Yields when somebody wants the load to end.
    /// - Returns: What it came to.
    /// - Throws: Where a store, or the broker after the load, does not answer.
    func run(on system: PrivateSystem, until stops: AsyncStream<Void>) async throws -> SoakReport {
        let began = ContinuousClock.now
        let log = ChaosLog()
        let tally = try SoakTally(recordingTo: plan.accepted)
        let reader = try MailReader(
            maildir: plan.upDirectory.appending("mail"),
            list: plan.mails,
            began: began
        )
        let crew = ChaosCrew(system: system, schedule: plan.schedule, began: began, log: log, say: say)
        let load = SoakLoad(
            url: system.location.orderService,
            rate: plan.rate,
            run: "\(plan.seed)",
            tally: tally
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reader.run() }
            defer { group.cancelAll() }
            let wasInterrupted = await drive(load, crew, tally, stops)
            let length = began.duration(to: .now)
            say("\(ChaosCrew.clock(length))  everything is mended; waiting until nothing is under way")
            let stores = try AuditStores.open(in: plan.upDirectory)
            defer { stores.close() }
            let rested = ContinuousClock.now
            let unrest = try await settle(system, stores)
            let settling = rested.duration(to: .now)
            if let plant = plan.plant { try await Self.plant(plant, in: stores) }
            await reader.take()
            let audit = try await audit(system, stores)
            let policy = RepeatPolicy(crashes: log.notificationCrashes)
            let repeats = await reader.repeats
            let unexplained = repeats.filter { !policy.explains(first: $0.first, again: $0.again) }
            return SoakReport(
                seed: plan.seed,
                length: length,
                wasInterrupted: wasInterrupted,
                figures: tally.current,
                chaos: log.done,
                missed: log.missed,
                mails: await reader.count,
                explainedRepeats: repeats.count - unexplained.count,
                notificationCrashes: log.notificationCrashes.count,
                unexplainedRepeats: unexplained.map { repeated in
                    "the mail of event \(repeated.event) came at \(ChaosCrew.clock(repeated.first)) and again at"
                        + " \(ChaosCrew.clock(repeated.again)), and no notification worker was killed in between"
                },
                unrest: unrest,
                settling: settling,
                audit: audit
            )
        }
    }

    private enum End { case over, stopped, other }

    /// Places orders and breaks things until the time is over, then mends everything.
    ///
    /// - Returns: Whether somebody ended it early.
    private func drive(
        _ load: SoakLoad,
        _ crew: ChaosCrew,
        _ tally: SoakTally,
        _ stops: AsyncStream<Void>
    ) async -> Bool {
        await withTaskGroup(of: End.self) { group in
            group.addTask {
                await load.run(for: plan.length)
                return .over
            }
            group.addTask {
                await crew.run()
                return .other
            }
            group.addTask {
                for await _ in stops { return .stopped }
                return .other
            }
            group.addTask {
                await SoakProgress(tally: tally, began: crew.began, length: plan.length).run()
                return .other
            }
            var wasInterrupted = false
            while let end = await group.next() {
                if end == .other { continue }
                wasInterrupted = end == .stopped
                break
            }
            // The load that is told to stop still waits for its answers, so everything is mended first.
            group.cancelAll()
            await crew.heal()
            await group.waitForAll()
            // What was broken while the first mending was under way.
            await crew.heal()
            return wasInterrupted
        }
    }

    /// Waits until no queue and no outbox holds anything, for longer than the broker's statistics are old.
    ///
    /// - Returns: What is left when patience ends; nil where nothing is.
    private func settle(_ system: PrivateSystem, _ stores: AuditStores) async throws -> String? {
        let limit = ContinuousClock.now.advanced(by: plan.patience)
        var since: ContinuousClock.Instant?
        var left = "nothing was seen"
        while ContinuousClock.now < limit {
            do {
                let contents = try await BrokerContents.read(system.location, services: [])
                let outbox = try await stores.orders.backlog()
                let full = contents.depths.filter { $0.value > 0 && !$0.key.hasSuffix(".dead") }
                left =
                    (full.sorted { $0.key < $1.key }.map { "\($0.value) in \($0.key)" } + [
                        "\(outbox) in the outbox"
                    ])
                    .joined(separator: ", ")
                since = full.isEmpty && outbox == 0 ? since ?? .now : nil
                if let since, since.duration(to: .now) > .seconds(6) { return nil }
            } catch let error as CommandError {
                // The broker may be starting still.
                left = error.message
                since = nil
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        return left
    }

    private func audit(_ system: PrivateSystem, _ stores: AuditStores) async throws -> AuditReport {
        var scope = AuditScope()
        scope.record = try AuditCommand.record(plan.accepted)
        scope.isRecordComplete = true
        scope.mails = try MailRecord.read(plan.mails)
        // Everything is at rest, so the last second's receipts count too.
        scope.until = Timestamp(milliseconds: Timestamp.now.milliseconds + 2_000)
        var audit = Audit(of: stores, scope) {
            try await BrokerContents.read(system.location, services: AuditStores.services)
        }
        return try await audit.run()
    }

    /// Puts a wrong effect into the inventory, on the newest order that was sold.
    private static func plant(_ plant: SoakPlan.Plant, in stores: AuditStores) async throws {
        let newest =
            "(SELECT event_id FROM handled_events WHERE outcome = 'sold' ORDER BY rowid DESC LIMIT 1)"
        let sign = plant == .loss ? "+" : "-"
        try await stores.stock.database.write { transaction in
            try transaction.execute(
                """
                UPDATE stock SET stock = stock \(sign) (SELECT quantity FROM handled_events WHERE event_id = \(newest))
                WHERE product_id = (SELECT product_id FROM handled_events WHERE event_id = \(newest))
                """
            )
            if plant == .loss {
                try transaction.execute("DELETE FROM handled_events WHERE event_id = \(newest)")
            }
        }
    }
}
