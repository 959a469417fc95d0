import FoundationEssentials
import RabbitMQ
import SystemPackage
import TestSupport
import Testing
import WorkQueue

@testable import OrderCtl

@Suite("What orderctl prints and keeps")
struct PrintingTests {
    @Test("columns are as wide as their widest cell, numbers to the right, no line within a cell")
    func table() {
        var table = Table("NAME", "STOCK")
        table.add("Desk\nLamp", "5")
        table.add("Mug", "1234")
        #expect(table.text == "NAME       STOCK\nDesk Lamp      5\nMug         1234")
    }

    @Test("what anybody sent can neither steer the terminal, nor turn the writing, nor make a line")
    func hostileCells() throws {
        let nasty = "\u{1B}[2J\u{9B}31m\r\n\u{2028}x\u{202E}\u{0}\u{7}"
        var table = Table("ID")
        table.add(nasty)
        #expect(table.text == #"ID\#n\u{1b}[2J\u{9b}31m x\u{202e}\u{0}\u{7}"#)
        let json = try Console.jsonText([nasty])
        #expect(json.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
        #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == [nasty])
    }

    @Test("a dead letter with everything in it is shown without a control character but line ends of its own")
    func hostileLetter() {
        let nasty = "\u{1B}]0;owned\u{7}\nid  order.created\u{202E}"
        let properties = MessageProperties(
            headers: [
                "retry-error": .string(nasty), "dead-letter-reason": .string(nasty), nasty: .string(nasty),
                "retry-first-failed-at": .string(nasty), "retry-last-failed-at": .string(nasty),
            ],
            messageID: nasty,
            type: nasty
        )
        let letter = DeadLetter(
            Delivery(
                tag: DeliveryTag(epoch: 1, number: 1),
                wasRedelivered: false,
                exchange: nasty,
                routingKey: nasty,
                properties: properties,
                body: Array(nasty.utf8)
            )
        )
        let text = WholeDeadLetter(letter).text
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
        #expect(!text.unicodeScalars.contains("\u{202E}"))
        #expect(text.split(separator: "\n").allSatisfy { !$0.hasPrefix("id  order.created") })
    }

    @Test("an object is flattened with its numbers exact")
    func flatJSON() throws {
        let json = #"{"order":{"id":"x","price":999.99,"tags":[1,null]},"ok":true}"#
        let fields = try FlatJSON.fields(of: Array(json.utf8))
        #expect(fields.map(\.name) == ["ok", "order.id", "order.price", "order.tags.0", "order.tags.1"])
        #expect(fields.map(\.value) == ["true", "x", "999.99", "1", ""])
    }

    @Test("prefixes are padded, and coloured for people only")
    func prefixes() {
        let plain = LogPrinter(names: ["order-service", "a"], file: .standardOutput, isColoured: false)
        #expect(plain.prefix(of: "a") == "a             | ")
        let coloured = LogPrinter(names: ["a"], file: .standardOutput, isColoured: true)
        #expect(coloured.prefix(of: "a").hasPrefix("\u{1B}["))
    }

    @Test("up.json has the contract's names, and is nobody else's to read")
    func upFile() throws {
        let directory = try TemporaryDirectory()
        let file = UpFile(
            orderService: "http://127.0.0.1:8001",
            rabbitmq: "amqp://guest:guest@127.0.0.1:5672",
            management: "http://127.0.0.1:15672",
            processes: [.init(name: "rabbitmq", pid: 7)]
        )
        try file.save(in: directory.path)
        let path = directory.text(of: "up.json")
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        #expect(
            text == """
                {"management":"http://127.0.0.1:15672","order_service":"http://127.0.0.1:8001",\
                "processes":[{"name":"rabbitmq","pid":7}],"rabbitmq":"amqp://guest:guest@127.0.0.1:5672"}

                """
        )
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? UInt16
        #expect(mode == 0o600)
        #expect(try UpFile.running(in: directory.path) == file)
    }

    @Test("a file whose up is gone is not believed; one whose up runs is")
    func staleFile() throws {
        let directory = try TemporaryDirectory()
        let file = UpFile(
            orderService: "http://x",
            rabbitmq: "amqp://x",
            management: "http://x",
            processes: []
        )
        do {
            let lock = try UpLock(in: directory.path)
            try file.save(in: directory.path)
            #expect(try UpFile.running(in: directory.path) == file)
            let second = #expect(throws: CommandError.self) { _ = try UpLock(in: directory.path) }
            #expect(second?.message.contains("already running") == true)
            _ = consume lock
        }
        #expect(try UpFile.running(in: directory.path) == nil)
    }
}
