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

    @Test("an owner that dozes sleeps through patient commands until there is company")
    func company() async throws {
        let mailbox = Mailbox<Int>(capacity: 10)
        let deadline = Deadline.after(.seconds(20))
        #expect(mailbox.offer(1, isPatient: true) == .accepted)
        async let owner: Void = ConfinedThread.run(named: "owner") {
            mailbox.doze(until: deadline, company: 3)
            precondition(!deadline.isPast(at: .now), "slept through its company")
            precondition(mailbox.takeAll().count == 3, "woken too early")
        }
        #expect(mailbox.offer(2, isPatient: true) == .accepted)
        #expect(mailbox.offer(3, isPatient: true) == .accepted)
        try await owner
    }

    @Test("a doze without company lasts until its deadline; nothing is lost")
    func lonelyDoze() {
        let mailbox = Mailbox<Int>(capacity: 10)
        _ = mailbox.offer(1, isPatient: true)
        let deadline = Deadline.after(.microseconds(300))
        mailbox.doze(until: deadline, company: 2)
        #expect(deadline.isPast(at: .now))
        #expect(mailbox.takeAll() == [1])
    }

    @Test("a command that is not patient ends a doze, or keeps it from beginning", arguments: [true, false])
    func impatience(isEarly: Bool) async throws {
        let mailbox = Mailbox<Int>(capacity: 10)
        let deadline = Deadline.after(.seconds(20))
        if isEarly { _ = mailbox.offer(1) }
        async let owner: Void = ConfinedThread.run(named: "owner") {
            mailbox.doze(until: deadline, company: 100)
            precondition(!deadline.isPast(at: .now), "slept through it")
            precondition(mailbox.takeAll() == [1], "woken by nothing")
        }
        if !isEarly { _ = mailbox.offer(1) }
        try await owner
    }

    @Test("the first patient command wakes an owner that does not doze")
    func awake() {
        let mailbox = Mailbox<Int>(capacity: 10)
        mailbox.doze(until: .now, company: 5)
        _ = mailbox.offer(1, isPatient: true)
        let wakeup = mailbox.wake.sleep(until: .after(.seconds(20)), watching: nil, forWriting: false)
        #expect(wakeup == .raised)
    }

    @Test("a sleep ends by its deadline")
    func deadline() {
        let mailbox = Mailbox<Int>(capacity: 1)
        let wakeup = mailbox.wake.sleep(until: .after(.milliseconds(5)), watching: nil, forWriting: false)
        #expect(wakeup.isEmpty)
    }
}

extension Mailbox {
    fileprivate func takeAll() -> [Command] {
        var commands: [Command] = []
        takeAll(into: &commands)
        return commands
    }
}
