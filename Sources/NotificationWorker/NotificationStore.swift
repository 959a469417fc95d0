import Database
import OrderEvents

/// Which mails are sent, and which are being sent by whom.
///
/// Several instances share one database; of all that are given the same event, one holds the claim.
struct NotificationStore: Sendable {
    /// What became of asking for the right to send.
    enum Claim: Equatable, Sendable {
        /// Send now, then say ``markSent(_:claim:at:)`` or ``release(_:claim:)``.
        case granted
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

    /// Asks for the right to send the mail of one event.
    ///
    /// - Parameters:
    ///   - eventID: What the mail is about.
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
                ON CONFLICT (event_id) DO UPDATE SET claim = $2, changed_at = $3
                WHERE notifications.state = 'sending' AND notifications.changed_at <= $4
                """,
                [
                    .text(eventID), .text(claim), .integer(now.milliseconds),
                    .integer(now.milliseconds - lease),
                ]
            )
            guard granted == 0 else { return .granted }
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

    /// Records that the mail went out; on disk on return.
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
