import ArgumentParser
import Database
import FoundationEssentials
import OrderEvents
import SystemPackage

/// The command `orderctl stock`.
struct StockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stock",
        abstract: "Shows the stock, or takes a delivery in.",
        discussion: """
            Reads and writes the inventory's own database. A product that is not there yet is created by \
            `orderctl stock 99 --add 10 --name "Desk Lamp"`.
            """
    )

    @Argument(help: "The product's number; all products when absent.")
    var product: Int64?

    @Option(help: "How many came in.")
    var add: Int64?

    @Option(help: "The name of a product that is not there yet.")
    var name: String?

    @OptionGroup var location: LocationOptions

    func validate() throws {
        if let product, product < 1 { throw ValidationError("<product> must be a whole number from 1") }
        if let add, !(1...1_000_000_000).contains(add) {
            throw ValidationError("--add must be a whole number from 1 to 1000000000")
        }
        if add != nil, product == nil { throw ValidationError("--add needs a product") }
        if let name {
            guard add != nil else { throw ValidationError("--name goes with --add") }
            guard !name.isEmpty, name.count <= 200, !name.contains(where: \.isNewline) else {
                throw ValidationError("--name must be one line of at most 200 characters")
            }
        }
    }

    func run() async throws {
        let database = try await Self.open(try await location.locate())
        defer { database.close() }
        if let product, let add {
            try await Stock.add(add, to: product, named: name, in: database)
        }
        let products = try await Stock.read(product, from: database)
        if let product, products.isEmpty { throw CommandError.refused("There is no product \(product).") }
        if location.json {
            try Console.json(products)
        } else {
            var table = Table("PRODUCT", "NAME", "STOCK")
            for product in products { table.add("\(product.productID)", product.name, "\(product.stock)") }
            Console.line(table.text)
        }
    }

    /// Opens the inventory's database without creating anything.
    private static func open(_ location: SystemLocation) async throws -> Database {
        if case .sqlite(let path) = location.inventory, !FileManager.default.fileExists(atPath: path) {
            throw CommandError.unavailable(
                "There is no inventory database at \(path) yet; start `orderctl up`, or name one with --database-url."
            )
        }
        return try Database.open(location.inventory, migrations: [])
    }
}

/// The inventory's stock table, as an operator uses it.
enum Stock {
    /// One product.
    struct Product: Codable, Equatable {
        var productID: Int64
        var name: String
        var stock: Int64

        enum CodingKeys: String, CodingKey {
            case productID = "product_id"
            case name
            case stock
        }
    }

    /// One product or all of them, by number.
    static func read(_ product: Int64?, from database: Database) async throws -> [Product] {
        try await explained {
            try await database.read { transaction in
                let rows =
                    if let product {
                        try transaction.query(
                            "SELECT product_id, name, stock FROM stock WHERE product_id = $1",
                            [.integer(product)]
                        )
                    } else {
                        try transaction.query("SELECT product_id, name, stock FROM stock ORDER BY product_id")
                    }
                return try rows.map { row in
                    Product(
                        productID: try row.integer("product_id"),
                        name: try row.text("name"),
                        stock: try row.integer("stock")
                    )
                }
            }
        }
    }

    /// Takes a delivery in; creates the product when a name is given.
    static func add(
        _ count: Int64,
        to product: Int64,
        named name: String?,
        in database: Database
    ) async throws {
        let wasKnown = try await explained {
            try await database.write { transaction in
                let changed = try transaction.execute(
                    "UPDATE stock SET stock = stock + $2 WHERE product_id = $1",
                    [.integer(product), .integer(count)]
                )
                if changed == 0, let name {
                    _ = try transaction.execute(
                        "INSERT INTO stock (product_id, name, stock) VALUES ($1, $2, $3)",
                        [.integer(product), .text(name), .integer(count)]
                    )
                }
                let isKnown = changed > 0 || name != nil
                if isKnown { try note(count, of: product, in: transaction) }
                return isKnown
            }
        }
        guard wasKnown else {
            throw CommandError.refused(
                "There is no product \(product); give it a name with --name to create it."
            )
        }
    }

    /// Keeps the record of deliveries true; an inventory that has none yet begins it with the stock it finds.
    private static func note(_ count: Int64, of product: Int64, in transaction: Transaction) throws {
        let hasRecord = try transaction.queryOne(
            "SELECT 1 AS present FROM sqlite_master WHERE type = 'table' AND name = 'deliveries'"
        )
        guard hasRecord != nil else { return }
        try transaction.execute(
            "INSERT INTO deliveries (product_id, quantity, delivered_at) VALUES ($1, $2, $3)",
            [.integer(product), .integer(count), .text(Timestamp.now.text)]
        )
    }

    /// A database without the table is one that no inventory worker has used yet.
    private static func explained<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError where error.kind == .misuse {
            throw CommandError.unavailable(
                "The database has no stock table yet; an inventory worker creates it when it starts."
            )
        }
    }
}
