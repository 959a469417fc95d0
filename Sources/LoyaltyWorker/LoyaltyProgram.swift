import Database
import OrderEvents
import ServiceKit
import WorkQueue

@main
enum LoyaltyProgram {
    static let program = WorkerProgram(
        service: "loyalty",
        summary: "gives a point for each piece ordered",
        migrations: [
            Migration(
                "loyalty-1",
                sql: "CREATE TABLE points (user_id BIGINT PRIMARY KEY, points BIGINT NOT NULL)"
            )
        ]
    ) { (order: OrderCreated, transaction) in
        guard 1...1_000 ~= order.quantity else { return .deadLetter("a reseller's order: a person decides") }
        try transaction.execute(
            """
            INSERT INTO points (user_id, points) VALUES ($1, $2)
            ON CONFLICT (user_id) DO UPDATE SET points = points.points + $2
            """,
            [.integer(order.userID), .integer(Int64(order.quantity))]
        )
        return .done("Points: +\(order.quantity)")
    }

    static func main() async { await program.main() }
}
