import ArgumentParser
import Database
import FoundationEssentials
import OrderEvents
import SystemPackage

/// The command `orderctl audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Compares orders, events and effects, and names every order that is missing or double.",
        discussion: """
            Reads the services' databases beside them, changes nothing, and asks the broker what waits or is dead: \
            neither is a loss. An order that inventory refused has had its effect.

            Receipts (the ids of handled events) show what is missing, and would hide what is double. So an effect is \
            double where pieces left the stock without a receipt, where analytics' totals are more than a recount of \
            the orders it has receipts for, where a receipt belongs to no order, or, with --complete, where the store \
            has an order that no client was told of. With --mails, a customer's message is repeated where it left more \
            than once under its Message-ID, and missing where it is noted as sent and did not leave: it is for systems \
            whose customers all get mails, since a short text leaves none. --complete is for a moment when no client \
            is at work.

            The last line is the verdict: CLEAN, exit code 0, or NOT CLEAN, exit code 1.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The client's own record: an order id a line, or the JSON of `orderctl submit --json`.",
            valueName: "file"
        )
    )
    var accepted: String?

    @Flag(help: "The record has every order of the store; others were accepted twice.")
    var complete = false

    @Option(
        help: ArgumentHelp(
            "What left for customers: a maildir, a folder of .eml files, or a file of Message-IDs, one a line.",
            valueName: "path"
        )
    )
    var mails: String?

    @Flag(help: "Repeated mails are listed and leave the verdict clean.")
    var allowRepeats = false

    @Option(
        help: ArgumentHelp(
            "The folder with <service>.db of each service (default: that of a running `orderctl up`, or the settings).",
            valueName: "folder"
        )
    )
    var databases: String?

    @Flag(help: "Do not ask the broker: what waits and what is dead count as missing.")
    var noBroker = false

    @OptionGroup var location: LocationOptions

    func validate() throws {
        if complete, accepted == nil { throw ValidationError("--complete goes with --accepted") }
    }

    func run() async throws {
        var scope = AuditScope()
        scope.record = try accepted.map { try Self.record(FilePath($0)) }
        scope.isRecordComplete = complete
        scope.mails = try mails.map { try MailRecord.read(FilePath($0)) }
        // Only now: what was accepted while the record was read is in neither.
        scope.until = .now
        let system = try await location.locate(databaseOf: "order-service")
        let stores = try await open()
        defer { stores.close() }
        let look: () async throws -> BrokerContents = { [noBroker] in
            noBroker
                ? BrokerContents(isKnown: false)
                : try await BrokerContents.read(system, services: AuditStores.services)
        }
        var progress = Progress("orders read", total: scope.record?.orders.count ?? 100_000)
        var audit = Audit(of: stores, scope, look: look) { progress.advance(to: $0) }
        let report: AuditReport
        do {
            report = try await audit.run()
        } catch let error as DatabaseError where error.kind == .misuse {
            throw CommandError.unavailable(
                "A database has not the tables of its service yet (\(error)); they are there when it has started."
            )
        }
        if location.json {
            try Console.json(report.document(allowingRepeats: allowRepeats))
        } else {
            Console.line(report.text(allowingRepeats: allowRepeats))
        }
        guard report.isClean(allowingRepeats: allowRepeats) else { throw CommandError.alreadyTold }
    }

    private func open() async throws -> AuditStores {
        if let databases { return try AuditStores.open(in: FilePath(databases)) }
        var locations: [String: DatabaseLocation] = [:]
        for service in ["order-service"] + AuditStores.services {
            locations[service] = try await location.locate(databaseOf: service).database
        }
        return try AuditStores.open { locations[$0] ?? .sqlite(path: ".run/\($0).db") }
    }

    /// Reads a client's record.
    static func record(_ path: FilePath) throws(CommandError) -> AcceptedRecord {
        guard let data = FileManager.default.contents(atPath: path.string) else {
            throw .settings("\(path) cannot be read.")
        }
        do throws(AcceptedRecord.Unreadable) {
            return try AcceptedRecord(String(decoding: data, as: UTF8.self))
        } catch {
            throw .settings("\(path), line \(error.line): neither an order's id nor JSON with one.")
        }
    }
}
