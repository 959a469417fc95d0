import Database
import OrderEvents
import SystemPackage
import TestSupport

/// A database file of one test, removed with it; several handles may be open on it, as several instances have.
struct Scratch: Sendable {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("worker-tests")
    }

    func open(_ migrations: [Migration]) throws -> Database {
        try Database.open(.sqlite(path: directory.appending("data.db").string), migrations: migrations)
    }

    func path(_ name: String) -> String {
        directory.appending(name).string
    }
}

/// A file or folder that ships in `Config`.
func shipped(_ name: String) -> String {
    PackageLayout.configuration.appending(name).string
}

/// The order of the contract's example, or a variation of it.
func order(
    product: Int64 = 1,
    quantity: Int = 2,
    currency: String = "USD",
    email: String? = nil
) -> OrderCreated {
    OrderCreated(
        id: "0190a8c0-0000-7000-8000-000000000001",
        userID: 123,
        productID: product,
        quantity: quantity,
        price: Money(minorUnits: 99_999),
        total: Money(minorUnits: 99_999 * Int64(quantity)),
        currency: currency,
        createdAt: "2026-01-02T03:04:05.678Z",
        email: email
    )
}
