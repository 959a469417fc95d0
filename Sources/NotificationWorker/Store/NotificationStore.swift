import Database
import OrderEvents

/// Which messages are sent, and which are being sent by whom.
///
/// ```text
/// ─▶ sending ── taken ──▶ sent                     never sent again
///      │  └── lease over, after a crash ─┐
///      └── the outcome is unknown ───────┴─▶ sent again, under the same id
/// ```
/// Several instances share one database; of all that are given the same event, one holds the claim.
struct NotificationStore: Sendable {
    /// What became of asking for the right to send.
    enum Claim: Equatable, Sendable {
        /// Send now, then say ``markSent(_:claim:at:)``, ``markUnknown(_:claim:at:)`` or ``release(_:claim:)``.
        case granted
        /// The same, though an earlier attempt may have sent it: it crashed, or was cut off in the middle.
        case grantedAgain
        /// Sent already; there is nothing to do.
        case sent
        /// Somebody else is sending, or crashed while doing so; the claim is free after this long at the latest.
        case held(for: Duration)
    }

    /// How long a claim lasts.
    ///
    /// Sending must be over by then, or a second instance may send too.
    static let lease = Duration.seconds(60)

    let database: Database

    /// Asks for the right to send the message of one event.
    ///
    /// - Parameters:
    ///   - eventID: What the message is about.
    ///   - claim: Names this attempt, unlike any other.
    ///   - now: The wall clock, which all instances on one machine share.
    /// - Returns: Whether to send; a granted claim is on disk.
    /// - Throws: `DatabaseError`; with `outcomeUnknown` the claim may be there, and is free after the lease.
    func claim(_ eventID: String, as claim: String, at now: Timestamp) async throws -> Claim {
        let lease = Self.lease.components.seconds * 1_000
        return try await database.write { transaction in
            let granted = try transaction.execute(
                """
                INSERT INTO notifications (event_id, state, claim, changed_at) VALUES ($1, 'sending', $2, $3)
                ON CONFLICT (event_id) DO NOTHING
                """,
                [.text(eventID), .text(claim), .integer(now.milliseconds)]
            )
            guard granted == 0 else { return .granted }
            let grantedAgain = try transaction.execute(
                """
                UPDATE notifications SET state = 'sending', claim = $2, changed_at = $3
                WHERE event_id = $1 AND (state = 'unknown' OR (state = 'sending' AND changed_at <= $4))
                """,
                [
                    .text(eventID), .text(claim), .integer(now.milliseconds),
                    .integer(now.milliseconds - lease),
                ]
            )
            guard grantedAgain == 0 else { return .grantedAgain }
            let row = try transaction.queryOne(
                "SELECT state, changed_at FROM notifications WHERE event_id = $1",
                [.text(eventID)]
            )
            guard let row, try row.text("state") == "sending" else { return .sent }
            // A clock set back must not make anybody wait longer than one lease.
            let rest = try min(lease, row.integer("changed_at") + lease - now.milliseconds)
            return .held(for: .milliseconds(rest))
        }
    }

    /// Records that the message went out; on disk on return.
    ///
    /// Idempotent. True also for a claim that was lost meanwhile: what is sent is sent.
    func markSent(_ eventID: String, claim: String, at now: Timestamp) async throws {
        _ = try await database.write { transaction in
            try transaction.execute(
                "UPDATE notifications SET state = 'sent', claim = $2, changed_at = $3 WHERE event_id = $1",
                [.text(eventID), .text(claim), .integer(now.milliseconds)]
            )
        }
    }

    /// Records that nobody knows whether the message went out; the next attempt sends it again, at once.
    func markUnknown(_ eventID: String, claim: String, at now: Timestamp) async throws {
        _ = try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE notifications SET state = 'unknown', changed_at = $3
                WHERE event_id = $1 AND claim = $2 AND state = 'sending'
                """,
                [.text(eventID), .text(claim), .integer(now.milliseconds)]
            )
        }
    }

    /// Gives the right back after a failed attempt, so that the next need not wait for the lease.
    func release(_ eventID: String, claim: String) async throws {
        _ = try await database.write { transaction in
            try transaction.execute(
                "DELETE FROM notifications WHERE event_id = $1 AND claim = $2 AND state = 'sending'",
                [.text(eventID), .text(claim)]
            )
        }
    }
}
