/// Bytes that wait for the socket, in one contiguous piece, so that one `send` a turn takes them all.
///
/// Bounded by its writers: they look at ``isFull`` before they add a frame, so that it holds at most ``highWater``
/// and one message more.
@safe struct OutputBuffer: ~Copyable {
    /// Above this nobody adds a frame, 256 KiB: more than a socket takes at once.
    static let highWater = 256 << 10

    private var storage: UnsafeMutableRawBufferPointer
    private var head = 0
    private var tail = 0

    init() {
        unsafe storage = .allocate(byteCount: Self.highWater, alignment: 16)
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// Bytes that wait.
    var count: Int { tail - head }

    /// Whether writers should come back later.
    var isFull: Bool { count >= Self.highWater }

    /// Free space of at least `size` bytes behind the waiting bytes; valid until the next call.
    mutating func reserve(_ size: Int) -> UnsafeMutableRawBufferPointer {
        if unsafe tail + size > storage.count {
            makeRoom(size)
        }
        return unsafe UnsafeMutableRawBufferPointer(rebasing: storage[tail...])
    }

    /// Keeps the first `size` bytes of the space that ``reserve(_:)`` returned.
    mutating func commit(_ size: Int) {
        tail += size
    }

    /// Takes back what was committed after `count` bytes were waiting.
    mutating func uncommit(to count: Int) {
        tail = head + count
    }

    /// Everything that waits; valid until the next call.
    var waiting: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: storage[head..<tail])
    }

    /// Forgets the first `size` waiting bytes: the socket has them.
    mutating func consumed(_ size: Int) {
        head += size
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Forgets everything, for a new connection.
    mutating func clear() {
        head = 0
        tail = 0
    }

    private mutating func makeRoom(_ size: Int) {
        let waitingCount = count
        let needed = waitingCount + size
        if unsafe needed <= storage.count {
            // The regions may overlap; copyMemory allows that.
            unsafe storage.copyMemory(from: waiting)
        } else {
            let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(needed, storage.count * 2),
                alignment: 16
            )
            unsafe larger.copyMemory(from: waiting)
            unsafe storage.deallocate()
            unsafe storage = larger
        }
        head = 0
        tail = waitingCount
    }
}
