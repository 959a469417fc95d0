import Database
import ServiceKit
import TestSupport
import Testing

@testable import InventoryWorker

@Suite("The catalogue")
struct CatalogTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func problems(_ text: String) -> [String] {
        do throws(SettingsError) {
            _ = try Catalog.parse(text, from: "c.csv")
            return []
        } catch {
            return error.problems
        }
    }

    @Test("quotes, commas, byte order mark, CRLF and blank lines are understood")
    func forms() throws {
        let text =
            "\u{FEFF}product_id,name,stock\r\n1,Laptop,50\r\n\r\n2,\"Cable, \"\"fast\"\"\",0\n3,Café ☕️,7"
        #expect(
            try Catalog.parse(text, from: "c.csv").products == [
                Product(id: 1, name: "Laptop", stock: 50), Product(id: 2, name: "Cable, \"fast\"", stock: 0),
                Product(id: 3, name: "Café ☕️", stock: 7),
            ]
        )
    }

    @Test("every bad line is named with its rule")
    func allBadLines() {
        let text = """
            product_id,name,stock
            0,Laptop,50
            2,,5
            3,Mouse,-1
            4,Mouse
            x,Mouse,1
            5,Mouse,1
            5,Again,1
            6,Mouse,1.5
            """
        #expect(
            problems(text) == [
                "c.csv line 2: product_id must be a whole number of at least 1",
                "c.csv line 3: name must be one line of 1 to 200 bytes",
                "c.csv line 4: stock must be a whole number from 0 to 1000000000",
                "c.csv line 5: must have 3 fields, has 2",
                "c.csv line 6: product_id must be a whole number of at least 1",
                "c.csv line 8: product_id 5 is on line 7 already",
                "c.csv line 9: stock must be a whole number from 0 to 1000000000",
            ]
        )
    }

    @Test(
        "text that is no CSV is refused with its line",
        arguments: [
            ("", 1), ("id,name,stock\n", 1), ("product_id,name,stock\n1,\"Lap\ntop,5", 2),
            ("product_id,name,stock\n1,La\"p,5", 2), ("product_id,name,stock\n1,\"La\"p,5", 2),
        ]
    )
    func malformed(text: String, line: Int) {
        let problem = problems(text).first
        #expect(problem?.hasPrefix("c.csv line \(line): ") == true, "\(problem ?? "none")")
    }

    @Test("a file that cannot be read is named, with exit code 78")
    func missing() {
        let error = #expect(throws: SettingsError.self) { try Catalog.load("/nowhere/c.csv") }
        #expect(error?.problems == ["catalog.file: /nowhere/c.csv cannot be read"])
        #expect(error?.exitCode == .settings)
    }

    @Test("what ships has ten products at least, and product 1 is a laptop of which there are 50")
    func shippedFile() throws {
        let file = shipped("catalog.csv")
        let products = try Catalog.load(file).products
        #expect(products.count >= 10)
        #expect(products.first == Product(id: 1, name: "Laptop", stock: 50))
    }

    @Test("instances that start at once load each product exactly once between them")
    func twoInstances() async throws {
        let catalog = Catalog(products: (1...200).map { Product(id: $0, name: "P\($0)", stock: 10) })
        let added = try await withThrowingTaskGroup(of: Int.self) { [scratch] group in
            for _ in 0..<4 {
                group.addTask {
                    let store = StockStore(database: try scratch.open(StockSchema.migrations))
                    return try await store.load(catalog).added
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(added == 200)
        let store = StockStore(database: try scratch.open(StockSchema.migrations))
        #expect(try await store.stock() == catalog.products)
    }

    @Test("a later start adds new products and leaves the stock of known ones alone")
    func laterStart() async throws {
        let store = StockStore(database: try scratch.open(StockSchema.migrations))
        _ = try await store.load(Catalog(products: [Product(id: 1, name: "Laptop", stock: 50)]))
        _ = try await store.apply(order(), eventID: "e1")
        let later = Catalog(products: [
            Product(id: 1, name: "Renamed", stock: 99), Product(id: 2, name: "Mouse", stock: 5),
        ])
        #expect(try await store.load(later) == StockStore.Loaded(added: 1, known: 1))
        #expect(
            try await store.stock() == [
                Product(id: 1, name: "Laptop", stock: 48), Product(id: 2, name: "Mouse", stock: 5),
            ]
        )
    }
}
