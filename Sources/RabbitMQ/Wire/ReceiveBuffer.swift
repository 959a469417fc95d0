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
}
