import FoundationEssentials
import ServiceKit

/// What is known of a customer.
struct Customer: Equatable, Sendable {
    /// Shown in the mail's `To` and in templates; nil where there is none.
    var name: String?
    /// Where to write.
    var email: String?
    /// Where to call.
    var phone: String?
    /// How the customer wants to be told.
    var channel: CustomerMessage.Channel
    /// Of the templates, such as `en`.
    var language: String
}

/// The customers of `Config/customers.csv`: `user_id,name,email,phone,channel,language`.
struct CustomerDirectory: Equatable, Sendable {
    /// What `customers.file` is unless it is set; this file alone may be missing.
    static let usualFile = "Config/customers.csv"
    private static let header = ["user_id", "name", "email", "phone", "channel", "language"]
    /// Everything is kept in memory.
    private static let largestFile = 64 << 20

    private let customers: [Int64: Customer]

    /// Knows nobody but these.
    init(_ customers: [Int64: Customer] = [:]) {
        self.customers = customers
    }

    /// What is known of a customer.
    func customer(_ userID: Int64) -> Customer? {
        customers[userID]
    }

    /// Whether anybody wants this channel.
    func wants(_ channel: CustomerMessage.Channel) -> Bool {
        customers.values.contains { $0.channel == channel }
    }

    /// Reads the file that the setting `customers.file` names.
    ///
    /// - Parameters:
    ///   - path: Where it is; a missing ``usualFile`` is an empty directory.
    ///   - languages: That there are templates for.
    /// - Returns: All customers.
    /// - Throws: ``SettingsError`` naming every bad line, or the file that cannot be read.
    static func load(_ path: String, languages: Set<String>) throws(SettingsError) -> CustomerDirectory {
        if path == usualFile, !FileManager.default.fileExists(atPath: path) { return CustomerDirectory() }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(problems: ["customers.file: \(path) cannot be read"])
        }
        guard data.count <= largestFile else {
            throw SettingsError(problems: ["customers.file: \(path) is larger than 64 MiB"])
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SettingsError(problems: ["customers.file: \(path) is not UTF-8"])
        }
        return try parse(text, from: path, languages: languages)
    }

    /// Reads the directory's text.
    ///
    /// Pure. Problems name a line and a rule, never a person.
    static func parse(
        _ text: String,
        from path: String,
        languages: Set<String>
    ) throws(SettingsError) -> CustomerDirectory {
        let records: [CSVReader.Record]
        do throws(CSVReader.Malformed) {
            records = try CSVReader.records(in: text)
        } catch {
            throw SettingsError(problems: ["\(path) line \(error.line): \(error.rule)"])
        }
        guard let first = records.first, first.fields == header else {
            throw SettingsError(problems: ["\(path) line 1: must be \(header.joined(separator: ","))"])
        }
        var customers: [Int64: Customer] = [:]
        var lines: [Int64: Int] = [:]
        var problems: [String] = []
        for record in records.dropFirst() {
            do throws(BrokenRule) {
                let (id, customer) = try customer(record.fields, languages)
                if let earlier = lines.updateValue(record.line, forKey: id) {
                    throw BrokenRule("user_id \(id) is on line \(earlier) already")
                }
                customers[id] = customer
            } catch {
                problems.append("\(path) line \(record.line): \(error.rule)")
            }
        }
        guard problems.isEmpty else { throw SettingsError(problems: Self.shortened(problems)) }
        return CustomerDirectory(customers)
    }

    /// A file with another meaning has a problem on each of its lines.
    private static func shortened(_ problems: [String]) -> [String] {
        guard problems.count > 20 else { return problems }
        return problems.prefix(20) + ["… and \(problems.count - 20) more lines"]
    }

    private static func customer(
        _ fields: [String],
        _ languages: Set<String>
    ) throws(BrokenRule) -> (Int64, Customer) {
        guard fields.count == header.count else {
            throw BrokenRule("must have 6 fields, has \(fields.count)")
        }
        guard let id = Int64(fields[0]), id >= 1 else {
            throw BrokenRule("user_id must be a whole number of at least 1")
        }
        guard fields[1].utf8.count <= 200, !fields[1].unicodeScalars.contains(where: { $0.isControl }) else {
            throw BrokenRule("name must be one line of at most 200 bytes")
        }
        guard fields[2].isEmpty || MailAddress(address: fields[2]) != nil else {
            throw BrokenRule("email must be one address, or empty")
        }
        guard fields[3].isEmpty || PhoneNumber.isPlausible(fields[3]) else {
            throw BrokenRule("phone must be a number such as +49 30 1234, at most 32 characters, or empty")
        }
        guard let channel = CustomerMessage.Channel(rawValue: fields[4]) else {
            throw BrokenRule("channel must be email or sms")
        }
        guard languages.contains(fields[5]) else {
            let known = languages.sorted().joined(separator: ", ")
            throw BrokenRule("language must be one that there are templates for: \(known)")
        }
        func text(_ field: String) -> String? { field.isEmpty ? nil : field }
        let customer = Customer(
            name: text(fields[1]),
            email: text(fields[2]),
            phone: text(fields[3]),
            channel: channel,
            language: fields[5]
        )
        return (id, customer)
    }
}

/// A telephone number.
enum PhoneNumber {
    /// Digits, blanks and `+-./()`, with at least two digits and at most 32 characters.
    static func isPlausible(_ text: String) -> Bool {
        let digits = text.utf8.filter { (48...57).contains($0) }.count
        let others = Set("0123456789 +-./()".utf8)
        return digits >= 2 && text.utf8.count <= 32 && text.utf8.allSatisfy { others.contains($0) }
    }
}
