import Database
import FoundationEssentials
import SystemPackage

/// The databases of the order system, opened beside the programs that own them; nothing is created or changed.
struct AuditStores: Sendable {
    static let services = ["inventory", "notification", "analytics"]

    let orders: OrderLedger
    let stock: StockLedger
    let totals: TotalsLedger
    /// In the order of ``services``.
    let receipts: [ReceiptTable]
    private let databases: [Database]

    /// Opens `<service>.db` of each service in a directory.
    ///
    /// - Throws: ``CommandError`` where one is not there; `DatabaseError` where it cannot be opened.
    static func open(in directory: FilePath) throws -> AuditStores {
        try open { .sqlite(path: directory.appending("\($0).db").string) }
    }

    /// Opens the database of each service, wherever it is.
    static func open(_ location: (String) throws -> DatabaseLocation) throws -> AuditStores {
        var opened: [Database] = []
        do {
            for service in ["order-service"] + services {
                let location = try location(service)
                if case .sqlite(let path) = location, !FileManager.default.fileExists(atPath: path) {
                    throw CommandError.unavailable(
                        "There is no database of \(service) at \(path); start `orderctl up`, or name the folder of all"
                            + " with --databases."
                    )
                }
                opened.append(try Database.open(location, migrations: []))
            }
        } catch {
            for database in opened { database.close() }
            throw error
        }
        return AuditStores(
            orders: OrderLedger(database: opened[0]),
            stock: StockLedger(database: opened[1]),
            totals: TotalsLedger(database: opened[3]),
            receipts: [.inventory(opened[1]), .notification(opened[2]), .analytics(opened[3])],
            databases: opened
        )
    }

    /// Closes all of them.
    func close() {
        for database in databases { database.close() }
    }
}
