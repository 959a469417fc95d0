import Curl
import RabbitMQNode
import TestSupport
import Testing

@Suite("Messages that cannot be handled among good ones", .serialized, .brokerInstalled)
struct PoisonTests {
    @Test(
        "both kinds are dead with their reasons, the good orders are done, and a replay finishes what was mended"
    )
    func poisonAndUnknownProduct() async throws {
        try await OrderSystem.run { system in
            let before = try await system.stock(of: 2)
            for number in 0..<100 {
                if number == 30 { try await publishPoison(system) }
                if number == 60 {
                    let unknown = #"{"user_id":7,"product_id":4242,"quantity":2,"price":5}"#
                    #expect(try await system.place(unknown).status == 201)
                }
                let good = #"{"user_id":\#(number + 1),"product_id":2,"quantity":1,"price":19.99}"#
                #expect(try await system.place(good).status == 201)
            }
            try await eventually(within: .seconds(60), "the good orders are done") {
                try await system.stock(of: 2) == before - 100
            }
            try await eventually(within: .seconds(30), "both are dead") {
                try await system.deadLetters(of: "inventory").count == 2
            }
            let dead = try await system.deadLetters(of: "inventory")
            #expect(Set(dead.map(\.reason)) == ["undecodable", "permanent"])
            // Looking at them changes nothing.
            #expect(try await system.deadLetters(of: "inventory").count == 2)
            try await mend(system)
        }
    }

    private func publishPoison(_ system: OrderSystem) async throws {
        let published = try await system.management(
            "POST",
            "exchanges/%2F/orders.events/publish",
            #"{"properties":{},"routing_key":"","payload":"this is no order","payload_encoding":"string"}"#
        )
        #expect(published.text.contains(#""routed":true"#))
    }

    private func mend(_ system: OrderSystem) async throws {
        let unnamed = try await system.orderctl("stock", "4242", "--add", "5")
        #expect(unnamed.exit == .code(1))
        #expect(unnamed.error.contains("--name"))
        let added = try await system.orderctl("stock", "4242", "--add", "5", "--name", "Late Product")
        #expect(added.exit == .code(0))
        let dry = try await system.orderctl(
            "dead-letters",
            "replay",
            "inventory",
            "--reason",
            "permanent",
            "--dry-run"
        )
        #expect(dry.output.contains("1 would be replayed"))
        let replayed = try await system.orderctl(
            "dead-letters",
            "replay",
            "inventory",
            "--reason",
            "permanent"
        )
        #expect(replayed.exit == .code(0))
        try await eventually(within: .seconds(30), "the order of the late product is done") {
            try await system.stock(of: 4_242) == 3
        }
        #expect(try await system.deadLetters(of: "inventory").map(\.reason) == ["undecodable"])
        #expect(try await system.orderctl("dead-letters", "discard", "inventory").exit == .code(64))
        #expect(try await system.orderctl("dead-letters", "discard", "inventory", "--all").exit == .code(0))
        #expect(try await system.deadLetters(of: "inventory").isEmpty)
        // The replay went to inventory's own queue only.
        for service in ["notification", "analytics"] {
            #expect(try await system.deadLetters(of: service).map(\.reason) == ["undecodable"])
        }
    }
}
