import FaultProxy
import TestSupport
import Testing

@Suite("The wire that can be broken")
struct FaultProxyTests {
    /// A client and a server with the proxy between them.
    private func wired(_ body: (FaultProxy, TestStream, TestStream) async throws -> Void) async throws {
        let listener = try TestListener()
        try await FaultProxy.with(upstream: listener.port) { proxy in
            let client = try TestStream(connectingTo: proxy.port)
            let server = try await listener.next()
            client.send("hello")
            #expect(try await server.next(5) == "hello")
            server.send("welcome")
            #expect(try await client.next(7) == "welcome")
            try await body(proxy, client, server)
        }
    }

    @Test("carries both directions and their ends, and counts them")
    func carries() async throws {
        try await wired { (proxy, client, server) async throws in
            client.endWriting()
            #expect(try await server.ending() == .end)
            server.send("after the end")
            #expect(try await client.next(13) == "after the end")
            server.endWriting()
            #expect(try await client.ending() == .end)
            try await eventually("the connection is over") { proxy.traffic.open == 0 }
            #expect(proxy.traffic.accepted == 1)
            #expect(proxy.traffic.bytesToServer == 5)
            #expect(proxy.traffic.bytesToClient == 20)
        }
    }

    @Test("a megabyte comes through whole although nobody reads it at first")
    func backpressure() async throws {
        try await wired { (_, client, server) async throws in
            let piece = String(repeating: "0123456789abcdef", count: 4096)
            var sent = 0
            var received = 0
            try await eventually(every: .milliseconds(1), "it is sent and read") {
                if sent < 1 << 20 { sent += client.send(piece) }
                // The sender is ahead until it feels the backpressure.
                if sent >= 1 << 19 { received += server.taken().utf8.count }
                return sent >= 1 << 20 && received == sent
            }
        }
    }

    @Test("cut resets both sides and lets the next one in")
    func cut() async throws {
        try await wired { (proxy, client, server) async throws in
            #expect(await proxy.cut() == 1)
            #expect(try await client.ending() == .reset)
            #expect(try await server.ending() == .reset)
            #expect(await proxy.cut() == 0)
            let next = try TestStream(connectingTo: proxy.port)
            try await eventually("the next is in") { proxy.traffic.accepted == 2 }
            withExtendedLifetime(next) {}
        }
    }

    @Test("a stall holds one direction until it is healed, a connection made meanwhile too")
    func stall() async throws {
        let listener = try TestListener()
        try await FaultProxy.with(upstream: listener.port) { proxy in
            await proxy.treat(.stall, [.toClient])
            let client = try TestStream(connectingTo: proxy.port)
            let server = try await listener.next()
            server.send("held back")
            client.send("passes")
            #expect(try await server.next(6) == "passes")
            await proxy.treat(.stall, [.toClient])
            #expect(client.taken().isEmpty)
            #expect(proxy.traffic.bytesToClient == 0)
            await proxy.heal()
            #expect(try await client.next(9) == "held back")
        }
    }

    @Test("a delayed and a dripping wire lose nothing and keep the order")
    func slow() async throws {
        try await wired { (proxy, client, server) async throws in
            await proxy.treat(.drip(bytes: 3, every: .milliseconds(1)), [.toServer])
            await proxy.treat(.delay(.milliseconds(5)), [.toClient])
            client.send("a few bytes at a time")
            server.send("later")
            server.send(" and in order")
            #expect(try await server.next(21) == "a few bytes at a time")
            #expect(try await client.next(18) == "later and in order")
        }
    }

    @Test("swallowed bytes are gone for good")
    func swallow() async throws {
        try await wired { (proxy, client, server) async throws in
            await proxy.treat(.swallow, [.toServer])
            client.send("gone")
            server.send("still")
            #expect(try await client.next(5) == "still")
            client.endWriting()
            #expect(try await server.ending() == .end)
            #expect(proxy.traffic.bytesToServer == 5)
        }
    }

    @Test("a half-closed direction ends at once, the other goes on")
    func halfClose() async throws {
        try await wired { (proxy, client, server) async throws in
            await proxy.halfClose(.toServer)
            #expect(try await server.ending() == .end)
            client.send("vanishes")
            server.send("arrives")
            #expect(try await client.next(7) == "arrives")
            #expect(proxy.traffic.bytesToServer == 5)
        }
    }

    @Test("a cut after so many bytes hands on exactly those")
    func budget() async throws {
        try await wired { (proxy, client, server) async throws in
            await proxy.treat(.cut(afterBytes: 3), [.toServer])
            client.send("abcdef")
            #expect(try await server.next(3) == "abc")
            #expect(try await server.ending() == .reset)
            #expect(try await client.ending() == .reset)
        }
    }

    @Test("refuses new connections on the same port, keeps the open one, and accepts again")
    func refuse() async throws {
        try await wired { (proxy, client, server) async throws in
            await proxy.refuseConnections()
            #expect(throws: NotInTime.self) { try TestStream(connectingTo: proxy.port) }
            client.send("open")
            #expect(try await server.next(4) == "open")
            await proxy.acceptConnections()
            _ = try TestStream(connectingTo: proxy.port)
        }
    }

    @Test("leads new connections to another server when it is told to; one that is away resets the client")
    func redirect() async throws {
        try await wired { (proxy, client, server) async throws in
            let other = try TestListener()
            await proxy.redirect(to: other.port)
            let second = try TestStream(connectingTo: proxy.port)
            let there = try await other.next()
            second.send("other")
            #expect(try await there.next(5) == "other")
            client.send("first")
            #expect(try await server.next(5) == "first")
            await proxy.redirect(to: 1)
            let third = try TestStream(connectingTo: proxy.port)
            #expect(try await third.ending() == .reset)
        }
    }

    @Test("a stopped proxy resets its connections, and answers what is asked of it")
    func stopping() async throws {
        let listener = try TestListener()
        let proxy = try FaultProxy(upstream: listener.port)
        async let running: Void = proxy.run()
        let client = try TestStream(connectingTo: proxy.port)
        let server = try await listener.next()
        proxy.stop()
        try await running
        #expect(try await client.ending() == .reset)
        #expect(try await server.ending() == .reset)
        #expect(await proxy.cut() == 0)
        #expect(proxy.traffic.open == 0)
    }
}
