import Digests
import OrderEvents
import TestSupport
import Testing

@testable import NotificationWorker

@Suite("The signature and the answers of a webhook")
struct NotificationWebhookTests {
    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2)
            .compactMap { UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) }
    }

    @Test(
        "SHA-256 of the standard's examples",
        arguments: [
            ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
            (
                "0123456701234567012345670123456701234567012345670123456701234567", 10,
                "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"
            ),
        ]
    )
    func digest(text: String, times: Int, expected: String) {
        #expect(Hex.text(SHA256.digest(Array(String(repeating: text, count: times).utf8))) == expected)
    }

    @Test("every length around a block's end is padded as it should be")
    func padding() {
        // Digest of the digests of 0 to 130 letters, by Python's hashlib.
        let all = (0...130).flatMap { SHA256.digest([UInt8](repeating: 0x78, count: $0)) }
        #expect(
            Hex.text(SHA256.digest(all)) == "f5a018ad6f7a21c451c8d98b57699f4aeeb1976b88771c339c7ea60cd09c64ef"
        )
    }

    @Test(
        "HMAC-SHA256 of RFC 4231",
        arguments: [
            (
                String(repeating: "0b", count: 20), "4869205468657265",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                String(repeating: "aa", count: 131),
                "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579"
                    + "204669727374",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ]
    )
    func authentication(key: String, message: String, expected: String) {
        #expect(Hex.text(HMACKey(bytes(key)).authenticate(bytes(message))) == expected)
    }

    @Test("a key is in no description of itself")
    func secrecy() {
        let key = HMACKey(Array("s3cret".utf8))
        #expect("\(key)" == "a key")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("115"))
    }

    @Test("the signature covers time and body")
    func signature() {
        let key = HMACKey(Array("s3cret".utf8))
        let text = WebhookTransport.signature(of: Array("{}".utf8), at: 1_767_323_045, key)
        #expect(text == "t=1767323045,v1=e6277e374fa0a741abf290a6bd22cd5370f3f28bc07ab0b4e06902e1d9ef5975")
    }

    @Test(
        "Retry-After is read as seconds and as each of HTTP's three dates",
        arguments: [
            ("120", 120), (" 5 ", 5), ("0", 0), ("99999999999999999999", 86_400), ("90000", 86_400),
            ("Fri, 02 Jan 2026 03:04:45 GMT", 40), ("Friday, 02-Jan-26 03:04:45 GMT", 40),
            ("Fri Jan  2 03:04:45 2026", 40), ("Fri, 02 Jan 2026 03:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
            ("Fri, 01 Jan 2027 00:00:00 GMT", 86_400),
        ]
    )
    func retryAfter(value: String, seconds: Int) {
        let now = Timestamp(milliseconds: 1_767_323_045_000)
        #expect(RetryAfter.delay(value, from: now) == .seconds(seconds))
    }

    @Test(
        "what is no Retry-After is none",
        arguments: [
            "", "-5", "1.5", "soon", "5 s", "Fri, 32 Jan 2026 03:04:45 GMT", "Fri, 02 Foo 2026 03:04:45 GMT",
            "Fri, 02 Jan 2026 25:04:45 GMT", "Fri, 02 Jan 2026 03:04 GMT", "Fri, 02 Jan 2026 03:04:45 CET",
            "- - - - -",
        ]
    )
    func noRetryAfter(value: String) {
        #expect(RetryAfter.delay(value, from: Timestamp(milliseconds: 1_767_323_045_000)) == nil)
    }

    @Test(
        "leap days and year ends are where they are",
        arguments: [0, 951_782_400, 1_709_164_800, 4_102_444_799]
    )
    func dates(seconds: Int64) {
        let moment = Timestamp(milliseconds: seconds * 1_000)
        let text = MailText.date(moment).replacing("+0000", with: "GMT")
        let before = Timestamp(milliseconds: (seconds - 60) * 1_000)
        let expected = seconds == 0 ? Duration.zero : .seconds(60)
        #expect(RetryAfter.delay(text, from: before) == expected)
    }

    @Test(
        "an answer tells whether the text went out, did not, or may have",
        arguments: [
            (425, TransportError.Advice.retryLater), (429, .retryLater), (503, .retryLater),
            (408, .sendAgain),
            (500, .sendAgain), (502, .sendAgain), (504, .sendAgain), (599, .sendAgain), (302, .giveUp),
            (400, .giveUp), (410, .giveUp),
        ]
    )
    func advice(status: Int, expected: TransportError.Advice) async throws {
        try await Self.rude { transport, message, _ in
            let error = await #expect(throws: TransportError.self) {
                try await transport("/long?status=\(status)&size=0").send(message)
            }
            #expect(error?.advice == expected)
            #expect(error?.blame == (expected == .giveUp ? .answered : .transport))
            #expect(error?.wish == (expected == .giveUp ? nil : .seconds(7)))
            #expect(error?.detail == "the webhook answered \(status)")
        }
    }

    @Test(
        "of an endless answer, in its body or its headers, the status counts",
        arguments: ["long", "headers"]
    )
    func endless(path: String) async throws {
        try await Self.rude { transport, message, _ in
            try await transport("/\(path)?status=200").send(message)
            let error = await #expect(throws: TransportError.self) {
                try await transport("/\(path)?status=429").send(message)
            }
            #expect(error?.advice == .retryLater)
            #expect(error?.wish == .seconds(7))
        }
    }

    @Test("a text that a kept connection swallowed is not sent again unasked")
    func swallowed() async throws {
        try await Self.rude { transport, message, program in
            let webhook = transport("/vanish")
            // The first request of a connection is answered.
            try await webhook.send(message)
            let error = await #expect(throws: TransportError.self) { try await webhook.send(message) }
            #expect(error?.advice == .sendAgain)
            // The server says everything in order.
            try await transport("/long?size=0").send(message)
            _ = try await program.line(containing: "POST /long")
            #expect(program.lines.filter { $0.hasPrefix("POST /vanish") }.count == 2)
        }
    }

    /// A server that answers as servers should not.
    private static func rude(
        _ body: ((String) -> WebhookTransport, CustomerMessage, ProgramUnderTest) async throws -> Void
    ) async throws {
        let script = "\(PackageLayout.root)/Tests/Servers/rude_server.py"
        try await ProgramUnderTest.with("/usr/bin/python3", [script]) { program in
            let line = try await program.line(containing: "listening on")
            let port = try #require(line.split(separator: " ").last)
            let message = CustomerMessage(
                eventID: "e1",
                orderID: "o1",
                userID: 1,
                recipient: .address("+49 30 1"),
                subject: "",
                text: "",
                writtenAt: Timestamp(milliseconds: 0)
            )
            let json = try CompiledTemplate("{}", .json, path: "test")
            try await body(
                { path in
                    WebhookTransport(
                        url: "http://127.0.0.1:\(port)\(path)",
                        secret: "s",
                        body: json,
                        connections: 1,
                        timeout: .seconds(20)
                    )
                },
                message,
                program
            )
        }
    }
}
