import Confinement
import Testing

@Suite("Mailbox")
struct MailboxTests {
    @Test("commands come out in the order of acceptance, once")
    func order() {
        let mailbox = Mailbox<Int>(capacity: 10)
        for number in 0..<5 { #expect(mailbox.offer(number) == .accepted) }
        #expect(mailbox.takeAll() == [0, 1, 2, 3, 4])
        #expect(mailbox.takeAll().isEmpty)
    }

    @Test("a full mailbox refuses, and takes again after it was emptied")
    func bound() {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect((0..<3).map { mailbox.offer($0) } == [.accepted, .accepted, .full])
        _ = mailbox.takeAll()
        #expect(mailbox.offer(3) == .accepted)
    }

    @Test("a closed mailbox gives back what waited and refuses the rest")
    func closing() {
        let mailbox = Mailbox<Int>(capacity: 2)
        _ = mailbox.offer(1)
        #expect(mailbox.close() == [1])
        #expect(mailbox.offer(2) == .closed)
    }

    @Test("an offer wakes a sleeping owner, also one made before the sleep")
    func waking() async throws {
        let mailbox = Mailbox<Int>(capacity: 1000)
        async let owner: Void = ConfinedThread.run(named: "owner") {
            var sum = 0
            while sum < 4950 {
                let wakeup = mailbox.wake.sleep(until: .after(.seconds(20)), watching: nil, forWriting: false)
                precondition(wakeup == .raised, "slept through an offer")
                sum += mailbox.takeAll().reduce(0, +)
            }
        }
        for number in 0..<100 { #expect(mailbox.offer(number) == .accepted) }
        try await owner
    }

    @Test("a sleep ends by its deadline")
    func deadline() {
        let mailbox = Mailbox<Int>(capacity: 1)
        let wakeup = mailbox.wake.sleep(until: .after(.milliseconds(5)), watching: nil, forWriting: false)
        #expect(wakeup.isEmpty)
    }
}
