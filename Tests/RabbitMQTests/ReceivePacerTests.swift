import Confinement
import Testing

@testable import RabbitMQ

@Suite("When the socket is left alone")
struct ReceivePacerTests {
    private let buffer = DeliveryBuffer()

    @Test("a turn that brought several messages is followed by one pause", arguments: [4, 500])
    func dense(count: Int) {
        var pacer = ReceivePacer()
        pacer.turnEnded(bringing: count)
        #expect(pacer.takePause() == ReceivePacer.pause)
        #expect(pacer.takePause() == nil)
    }

    @Test("few messages are read as they come", arguments: 0...3)
    func sparse(count: Int) {
        var pacer = ReceivePacer()
        pacer.turnEnded(bringing: 500)
        pacer.turnEnded(bringing: count)
        #expect(pacer.takePause() == nil)
    }

    @Test("as many acknowledgements as are written at once end the pause of a consumer")
    func company() throws {
        var role = ConsumingRole.sample(prefetch: 64, buffer: buffer)
        for number in 1...4 as ClosedRange<UInt64> { try role.deliver(number) }
        role.turnEnded()
        #expect(role.takePause() == ReadPause(length: ReceivePacer.pause, company: 16))
        role.turnEnded()
        #expect(role.takePause() == nil)
    }
}
