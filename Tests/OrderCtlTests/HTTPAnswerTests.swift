import OrderEvents
import Testing

@testable import OrderCtl

@Suite("Answers that a load reads")
struct HTTPAnswerTests {
    private func read(_ text: String, then more: String = "") throws -> HTTPAnswer? {
        let bytes = Array((text + more).utf8)
        return try HTTPAnswer.read(bytes + [0, 0, 0], count: bytes.count)
    }

    @Test("status, order and whether the connection stays, however the names are written")
    func heads() throws {
        let order = UUIDv7.next()
        let created =
            "HTTP/1.1 201 Created\r\nlOCATION: /orders/\(order)\r\nContent-length: 4\r\nDate: now\r\n\r\nbody"
        #expect(try read(created) == HTTPAnswer(status: 201, order: order, closes: false))
        let busy = "HTTP/1.1 503 \r\nConnection: Close\r\nLocations: x\r\nContent-Length: 0\r\n\r\n"
        #expect(try read(busy) == HTTPAnswer(status: 503, closes: true))
        #expect(try read("HTTP/1.1 204 No Content\r\n\r\n") == HTTPAnswer(status: 204, closes: false))
    }

    @Test("chunks end where they say")
    func chunks() throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(try read(head, then: "5;a=b\r\nhello\r\n0\r\n\r\n") == HTTPAnswer(status: 200, closes: false))
        #expect(throws: HTTPAnswer.Malformed.self) { try read(head, then: "xyz\r\n") }
    }

    @Test("nothing is an answer before its last byte")
    func pieces() throws {
        for whole in [
            "HTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\nhello, there",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nhello, there\r\n0\r\n\r\n",
        ] {
            let bytes = Array(whole.utf8)
            for count in bytes.indices { #expect(try HTTPAnswer.read(bytes, count: count) == nil) }
            #expect(try read(whole) != nil)
        }
    }

    @Test("anything else is malformed")
    func malformed() {
        for wrong in [
            "SSH-2.0-OpenSSH_9.2 and more\r\n\r\n", "HTTP/1.1 abc Created\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\nmore",
        ] {
            #expect(throws: HTTPAnswer.Malformed.self) { try read(wrong) }
        }
    }

    @Test("requests are written once, with the key of the settings, for any address")
    func requests() throws {
        let address = try #require(OrderRequests.Address("http://[::1]:8001/shop"))
        #expect(address.name == "::1" && address.port == 8_001 && address.prefix == "/shop")
        let requests = OrderRequests(to: address, key: "secret", product: 7)
        let first = String(decoding: requests.whole[0], as: UTF8.self)
        #expect(first.hasPrefix("POST /shop/orders HTTP/1.1\r\nHost: [::1]:8001\r\n"))
        #expect(first.contains("\r\nAuthorization: Bearer secret\r\n"))
        #expect(first.hasSuffix("\r\n\r\n" + String(decoding: requests.bodies[0], as: UTF8.self)))
        #expect(first.contains("\r\nContent-Length: \(requests.bodies[0].count)\r\n"))
        #expect(Set(requests.bodies).count == OrderRequests.variety)
        #expect(OrderRequests.Address("http://example.org")?.port == 80)
        #expect(OrderRequests.Address("https://example.org") == nil)
        #expect(OrderRequests.Address("http://example.org:99999") == nil)
    }
}
