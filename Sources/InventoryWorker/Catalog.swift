import FoundationEssentials
import ServiceKit

/// The products that ship with the service: `product_id,name,stock`.
struct Catalog: Equatable, Sendable {
    /// In the file's order; every id once.
    var products: [Product]

    private static let header = ["product_id", "name", "stock"]
    private static let largestStock: Int64 = 1_000_000_000

    /// Reads the file that the setting `catalog.file` names.
    ///
    /// - Throws: ``SettingsError`` naming every bad line, or the file that cannot be read.
    static func load(_ path: String) throws(SettingsError) -> Catalog {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(problems: ["catalog.file: \(path) cannot be read"])
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SettingsError(problems: ["catalog.file: \(path) is not UTF-8"])
        }
        return try parse(text, from: path)
    }

    /// Reads the catalogue's text.
    ///
    /// Pure.
    static func parse(_ text: String, from path: String) throws(SettingsError) -> Catalog {
        let records: [CSVReader.Record]
        do throws(CSVReader.Malformed) {
            records = try CSVReader.records(in: text)
        } catch {
            throw SettingsError(problems: ["\(path) line \(error.line): \(error.rule)"])
        }
        guard let first = records.first, first.fields == header else {
            throw SettingsError(problems: ["\(path) line 1: must be \(header.joined(separator: ","))"])
        }
        var products: [Product] = []
        var lines: [Int64: Int] = [:]
        var problems: [String] = []
        for record in records.dropFirst() {
            do throws(BrokenRule) {
                let product = try product(record.fields)
                if let earlier = lines.updateValue(record.line, forKey: product.id) {
                    throw BrokenRule("product_id \(product.id) is on line \(earlier) already")
                }
                products.append(product)
            } catch {
                problems.append("\(path) line \(record.line): \(error.rule)")
            }
        }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return Catalog(products: products)
    }

    private static func product(_ fields: [String]) throws(BrokenRule) -> Product {
        guard fields.count == header.count else {
            throw BrokenRule("must have 3 fields, has \(fields.count)")
        }
        guard let id = Int64(fields[0]), id >= 1 else {
            throw BrokenRule("product_id must be a whole number of at least 1")
        }
        let name = fields[1]
        guard !name.isEmpty, name.utf8.count <= 200, !name.unicodeScalars.contains(where: { $0.value < 0x20 })
        else {
            throw BrokenRule("name must be one line of 1 to 200 bytes")
        }
        guard let stock = Int64(fields[2]), (0...largestStock).contains(stock) else {
            throw BrokenRule("stock must be a whole number from 0 to \(largestStock)")
        }
        return Product(id: id, name: name, stock: stock)
    }
}
