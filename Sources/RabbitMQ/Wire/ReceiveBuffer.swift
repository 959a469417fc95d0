/// Where a thread's socket reads into; one for each thread, for all its connections.
@safe struct ReceiveBuffer: ~Copyable {
    /// 256 KiB: two full frames, and what a loopback socket holds.
    private static let size = 256 << 10

    /// The whole buffer; valid as long as this value.
    let space: UnsafeMutableRawBufferPointer

    init() {
        unsafe space = .allocate(byteCount: Self.size, alignment: 16)
    }

    deinit {
        unsafe space.deallocate()
    }

    /// Whether the first `count` bytes begin with a TLS alert (RFC 8446, section 5.1), which no AMQP peer says.
    func startsWithAlert(_ count: Int) -> Bool {
        unsafe count >= 2 && space[0] == 0x15 && space[1] == 0x03
    }
}
