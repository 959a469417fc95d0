import Database

/// Reads what came into the stock, what is there, and what receipts say left it.
struct StockLedger: Sendable {
    let database: Database

    /// The balance of every product, all of one moment.
    ///
    /// - Returns: Nil where the store is older than its record of deliveries.
    func balances() async throws -> [StockBalance]? {
        try await database.read { transaction in
            guard
                try transaction.queryOne(
                    "SELECT 1 AS present FROM sqlite_master WHERE type = 'table' AND name = 'deliveries'"
                ) != nil
            else { return nil }
            return
                try transaction.query(
                    """
                    SELECT stock.product_id AS product, stock,
                        (SELECT COALESCE(SUM(quantity), 0) FROM deliveries
                            WHERE deliveries.product_id = stock.product_id) AS delivered,
                        COALESCE(sales.sold, 0) AS sold
                    FROM stock LEFT JOIN (
                        SELECT product_id, SUM(quantity) AS sold FROM handled_events
                        WHERE outcome = 'sold' GROUP BY product_id
                    ) AS sales ON sales.product_id = stock.product_id
                    ORDER BY stock.product_id
                    """
                )
                .map { row in
                    StockBalance(
                        product: try row.integer("product"),
                        delivered: try row.integer("delivered"),
                        stock: try row.integer("stock"),
                        sold: try row.integer("sold")
                    )
                }
        }
    }

    /// Where the stock of a product changed by what no receipt says; nil where it cannot be told.
    ///
    /// Receipts are numbered as they were committed, since one transaction writes at a time.
    func jump(of product: Int64) async throws -> StockJump? {
        var trail = StockTrail()
        var after: Int64 = 0
        while true {
            let page = try await receipts(of: product, after: after, limit: 5_000)
            for receipt in page {
                trail.take(order: receipt.order, taken: receipt.taken, remaining: receipt.remaining)
                after = receipt.number
            }
            if page.isEmpty || trail.jump != nil { break }
        }
        let stock = try await database.read { transaction in
            try transaction.queryOne("SELECT stock FROM stock WHERE product_id = $1", [.integer(product)])?
                .integer("stock")
        }
        if let stock { trail.finish(stock: stock) }
        return trail.jump
    }

    private struct Receipt {
        var number: Int64
        var order: String
        var taken: Int64
        var remaining: Int64
    }

    private func receipts(of product: Int64, after number: Int64, limit: Int) async throws -> [Receipt] {
        let sql = """
            SELECT rowid AS number, order_id, remaining,
                CASE outcome WHEN 'sold' THEN quantity ELSE 0 END AS taken
            FROM handled_events WHERE rowid > $2 AND product_id = $1 ORDER BY rowid LIMIT $3
            """
        return try await database.read { transaction in
            try transaction.query(sql, [.integer(product), .integer(number), .integer(Int64(limit))])
                .map { row in
                    Receipt(
                        number: try row.integer("number"),
                        order: try row.text("order_id"),
                        taken: try row.integer("taken"),
                        remaining: try row.integer("remaining")
                    )
                }
        }
    }

    /// The events of refusals that the other services have not been told of yet.
    func dueRefusals() async throws -> Set<String> {
        try await database.read { transaction in
            Set(try transaction.query("SELECT event_id FROM due_rejections").map { try $0.text("event_id") })
        }
    }
}
