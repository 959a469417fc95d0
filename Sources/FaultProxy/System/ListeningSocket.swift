internal import Glibc
internal import RabbitMQNode
internal import Synchronization

/// A port of 127.0.0.1 on which clients are awaited, or refused for a while without losing the port.
///
/// Opened by any task, then used by the proxy's thread only; closed when it goes out of scope.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    private let listens = Atomic(true)

    /// Connections that the kernel completes and keeps before we take them.
    private static let backlog: Int32 = 128

    init?(port: UInt16) {
        let descriptor = LoopbackAddress.stream()
        guard descriptor >= 0 else { return nil }
        var yes: Int32 = 1
        // Without it `listen` fails after a refusal while connections of the port are still open.
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_REUSEADDR,
            &yes,
            socklen_t(MemoryLayout<Int32>.size)
        )
        let isBound = unsafe LoopbackAddress.with(port) { unsafe bind(descriptor, $0, $1) } == 0
        guard isBound, listen(descriptor, Self.backlog) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    var isListening: Bool { listens.load(ordering: .relaxed) }

    /// Refuses from now on; the port stays ours.
    ///
    /// Linux ends listening by shutdown(2) and keeps the binding.
    func refuse() {
        guard isListening else { return }
        listens.store(false, ordering: .relaxed)
        shutdown(descriptor, Int32(SHUT_RD))
    }

    /// Listens again.
    func accept() {
        guard !isListening, listen(descriptor, Self.backlog) == 0 else { return }
        listens.store(true, ordering: .relaxed)
    }

    /// A client that has connected; `nil` when none waits.
    func next() -> LoopbackStream? {
        let client = Glibc.accept(descriptor, nil, nil)
        guard client >= 0 else { return nil }
        _ = fcntl(client, F_SETFL, O_NONBLOCK)
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        return LoopbackStream(adopting: client)
    }
}
