import OrderEvents
import ServiceKit
import TestSupport
import Testing

@testable import NotificationWorker

@Suite("The customer directory, and who gets what")
struct NotificationCustomerTests {
    private static let header = "user_id,name,email,phone,channel,language\n"

    private func directory(_ lines: String) throws -> CustomerDirectory {
        try CustomerDirectory.parse(Self.header + lines, from: "c.csv", languages: ["de", "en"])
    }

    @Test("what ships can be read")
    func shippedFile() throws {
        let all = try CustomerDirectory.load(shipped("customers.csv"), languages: ["de", "en"])
        #expect(all.customer(1_002)?.name == "Jürgen Größe")
        #expect(all.customer(1_003)?.channel == .sms)
        #expect(all.customer(123) == nil)
    }

    @Test("the usual file may be missing, any other may not")
    func missing() throws {
        let error = #expect(throws: SettingsError.self) {
            try CustomerDirectory.load("/nowhere/c.csv", languages: ["en"])
        }
        #expect(error?.problems == ["customers.file: /nowhere/c.csv cannot be read"])
    }

    @Test(
        "a bad line is named with its number and its rule, and nothing personal",
        arguments: [
            ("x,A,,,email,en", "user_id must be"), ("0,A,,,email,en", "user_id must be"),
            ("1,A,,,email", "must have 6 fields, has 5"), ("1,\"A\nB\",,,email,en", "name must be one line"),
            ("1,A,private@x@y,,email,en", "email must be"), ("1,A,\"a@b, c@d\",,email,en", "email must be"),
            ("1,A,,private,sms,en", "phone must be"), ("1,A,,,fax,en", "channel must be email or sms"),
            ("1,A,,,email,fr", "language must be one that there are templates for: de, en"),
            ("1,A,,,email,en\n1,B,,,sms,de", "user_id 1 is on line 2 already"),
            ("1,\"A,,,email,en", "a quote"),
        ]
    )
    func malformed(lines: String, rule: String) throws {
        let error = #expect(throws: SettingsError.self) { try directory(lines) }
        let problem = try #require(error?.problems.first)
        #expect(["c.csv line 2: ", "c.csv line 3: "].contains { problem.hasPrefix($0) })
        #expect(problem.contains(rule), "\(problem)")
        #expect(!problem.contains("private"))
        #expect(error?.exitCode == .settings)
    }

    private func writer(
        _ lines: String,
        only channel: CustomerMessage.Channel? = nil,
        strangers: MessageWriter.Strangers = .mailOrShortText
    ) throws -> MessageWriter {
        MessageWriter(
            directory: try directory(lines),
            templates: try MessageTemplates.load(from: shipped("templates")),
            language: "en",
            onlyChannel: channel,
            strangers: strangers
        )
    }

    private func write(_ writer: MessageWriter, email: String? = nil, phone: String? = nil) -> CustomerMessage
    {
        var order = order(email: email)
        order.phone = phone
        return writer.write(order, eventID: "e1", at: Timestamp(milliseconds: 0))
    }

    @Test("the order's own address goes before the directory's")
    func address() throws {
        let writer = try writer("123,Käthe,kaethe@x.example,+49 30 1,email,de\n")
        #expect(write(writer).recipient == .address("kaethe@x.example"))
        #expect(write(writer, email: "own@x.example").recipient == .address("own@x.example"))
        #expect(write(writer).subject == "Bestellbestätigung")
        #expect(write(writer).name == "Käthe")
        #expect(write(writer).html?.contains("Guten Tag Käthe,") == true)
    }

    @Test("a mail that no transport shows as a page has none, and says the same")
    func withoutHTML() throws {
        var writer = try writer("")
        let whole = write(writer)
        #expect(whole.html != nil)
        writer.writesHTML = false
        #expect(write(writer).html == nil)
        #expect(write(writer).subject == whole.subject)
        #expect(write(writer).text == whole.text)
    }

    @Test("the customer's own channel decides, whatever the order gives")
    func channel() throws {
        let writer = try writer("123,,a@x.example,+49 30 1,sms,en\n")
        #expect(write(writer, email: "own@x.example").recipient == .address("+49 30 1"))
        #expect(write(writer).html == nil)
        #expect(try write(self.writer("123,,a@x.example,,sms,en\n")).recipient == .user(123))
    }

    @Test("a stranger gets a mail, or a short text where a telephone is all there is and it would leave")
    func strangers() throws {
        let writer = try writer("")
        #expect(write(writer).channel == .email)
        #expect(write(writer).recipient == .user(123))
        #expect(write(writer, phone: "+1 23").channel == .sms)
        #expect(write(writer, email: "a@b.example", phone: "+1 23").channel == .email)
        #expect(try write(self.writer("", strangers: .mail), phone: "+1 23").channel == .email)
        #expect(try write(self.writer("", only: .sms)).channel == .sms)
    }
}
