#if CRASH_POINTS
import CrashPoints
import Testing

@Suite("Crash plans")
struct CrashPlanTests {
    @Test("a point ends the program at the named passing, and at every later one")
    func passing() throws {
        var plan = try #require(CrashPlan("effect-committed:3"))
        #expect(!plan.passed(.handlerCalled) { _ in true })
        let endings = (1...4).map { _ in plan.passed(.effectCommitted) { _ in false } }
        #expect(endings == [false, false, true, true])
    }

    @Test("with an event the point ends the program over that event only")
    func subject() throws {
        var plan = try #require(CrashPlan("handler-called=e-1:2"))
        let subjects = ["e-1", "e-2", nil, "e-1"]
        #expect(
            subjects.map { plan.passed(.handlerCalled, with: $0) { _ in false } } == [
                false, false, false, true,
            ]
        )
    }

    @Test("with a file the point ends the program only when the file could be taken away")
    func once() throws {
        var plan = try #require(CrashPlan("publish-written@/tmp/once"))
        var asked: [String] = []
        let endings = [false, true, false]
            .map { isThere in
                plan.passed(.publishWritten) { file in
                    asked.append(file)
                    return isThere
                }
            }
        #expect(endings == [false, true, false])
        #expect(asked == ["/tmp/once", "/tmp/once", "/tmp/once"])
    }

    @Test("with a directory every point looks for a file of its own name")
    func directory() throws {
        var plan = try #require(CrashPlan("@/tmp/points/"))
        #expect(plan.passed(.orderCommitted) { $0 == "/tmp/points/order-committed" })
        #expect(!plan.passed(.requestRead) { $0 == "/tmp/points/order-committed" })
    }

    @Test(
        "what cannot be read is no plan",
        arguments: [
            "", "effectCommitted", "nowhere", "effect-committed:0", "effect-committed:x", "effect-committed@",
            "@/", "@/tmp", "handler-called=",
        ]
    )
    func nonsense(_ text: String) {
        #expect(CrashPlan(text) == nil)
    }

    @Test("every point has a name of its own, in lower kebab")
    func names() {
        let names = CrashPoint.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { name in name.allSatisfy { $0.isLowercase || $0 == "-" } })
    }
}
#endif
