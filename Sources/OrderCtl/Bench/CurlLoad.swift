import Curl
import OrderEvents
import Synchronization

/// Places orders through the usual HTTP client, for an address that begins with `https`.
///
/// Costs several times the processor time of a ``LoadLoop``, so its figures are those of the client sooner.
struct CurlLoad: Sendable {
    let plan: LoadPlan
    let client: OrderServiceClient
    let bodies: [[UInt8]]

    /// As ``LoadLoop/run()``.
    func run(until stop: StopSign) async -> LoadRecord {
        let tally = Tally()
        let began = SystemSeam.nanoseconds()
        plan.begun?()
        var schedule = SendSchedule(plan.pace, length: plan.length.wholeNanoseconds)
        let patience = plan.patience.wholeNanoseconds
        await withTaskGroup(of: Void.self) { group in
            var underWay = 0
            while true {
                let now = SystemSeam.nanoseconds() - began
                if stop.isRaised { schedule.stop(at: now) }
                guard let wait = schedule.wait(at: now), now < schedule.end + patience else { break }
                if wait > 0 {
                    try? await Task.sleep(for: .nanoseconds(min(wait, 50_000_000)))
                } else if underWay == plan.connections {
                    await group.next()
                    underWay -= 1
                } else if let intended = schedule.take(at: now) {
                    underWay += 1
                    let body = bodies[schedule.taken % bodies.count]
                    group.addTask { await place(body, tally, intended: intended, began: began) }
                }
            }
        }
        var record = tally.record
        record.begun = schedule.taken
        record.unsent = schedule.overdue(at: SystemSeam.nanoseconds() - began)
        record.nanoseconds = max(record.nanoseconds, schedule.end)
        return record
    }

    private func place(_ body: [UInt8], _ tally: Tally, intended: Int64, began: Int64) async {
        let outcome: Result<(status: Int, location: String?), CommandError>
        do throws(CommandError) {
            let answer = try await client.send("POST", "/orders", body: body)
            outcome = .success((answer.status, answer.header("Location")))
        } catch {
            outcome = .failure(error)
        }
        let now = SystemSeam.nanoseconds() - began
        switch outcome {
        case .failure: tally.change { $0.failed(.unreachable) }
        case .success((let status, let location)):
            tally.change { $0.answered(status, intended: intended, at: now) }
            if status == 201, let order = location.flatMap({ UUIDv7(String($0.suffix(36))) }) {
                plan.accepted?(order, began + intended, began + now)
            }
        }
    }

    /// The record, for many tasks.
    private final class Tally: Sendable {
        private let content = Mutex(LoadRecord())

        var record: LoadRecord { content.withLock { $0 } }

        func change(_ body: (inout LoadRecord) -> Void) {
            content.withLock { body(&$0) }
        }
    }
}
