internal import CLinux
internal import Glibc

/// A thread of its own for a resource that must not leave it.
///
/// The body may block; the concurrency pool is not touched.
public enum ConfinedThread {
    /// The system refused another thread.
    ///
    /// The body did not run.
    public struct Unavailable: Error, CustomStringConvertible {
        /// The number that `pthread_create` returned.
        public let errorNumber: Int32
        /// Safe to show.
        public var description: String { "no thread could be started (errno \(errorNumber))" }
    }

    /// Address space for one stack; only pages that are touched cost memory.
    ///
    /// C code that decodes nested data recurses: a frame of 128 KiB can nest 18 000 deep at about 300 bytes a level.
    private static let stackBytes = 32 << 20

    /// Runs `body` on a new thread and returns when it has ended.
    ///
    /// Cancelling the caller does not end the thread: tell its owner to stop, through its mailbox.
    /// - Parameters:
    ///   - name: Shown by `top -H` and debuggers; the kernel keeps the first 15 bytes.
    ///   - body: Runs once, from start to end on the one thread.
    /// - Throws: ``Unavailable``.
    public static func run(named name: String, _ body: @escaping @Sendable () -> Void) async throws {
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            do {
                try start(named: name) {
                    body()
                    ended.resume()
                }
            } catch {
                ended.resume(throwing: error)
            }
        }
    }

    /// Starts `body` on a new detached thread and returns at once.
    /// - Throws: ``Unavailable``.
    public static func start(
        named name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(Unavailable) {
        let work = unsafe Unmanaged.passRetained(Work(name: name, body: body))
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        let status = unsafe pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                unsafe clinux_name_thread(work.name)
                work.body()
                return nil
            },
            work.toOpaque()
        )
        guard status == 0 else {
            unsafe work.release()
            throw Unavailable(errorNumber: status)
        }
        pthread_detach(thread)
    }

    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
