import Dispatch

/// Holds a thread, without work of its own, until the test opens it: what `Gate` is to a task.
public final class Latch: Sendable {
    private let opened = DispatchSemaphore(value: 0)

    /// Creates a closed latch.
    public init() {}

    /// Lets every thread through, now and later.
    public func open() { opened.signal() }

    /// Blocks the thread until the latch is open, a minute at most.
    public func wait() {
        guard opened.wait(timeout: .now() + 60) == .success else { return }
        opened.signal()
    }
}
