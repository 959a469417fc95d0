import NIOCore
import NIOPosix

/// Runs tasks on the threads that serve the sockets, so that a request changes its thread only to reach the disk.
///
/// What runs on it must not block. A task that goes on after a call from one of the loops stays on that loop; one that was
/// resumed elsewhere takes the next.
final class EventLoopExecutor: TaskExecutor {
    private let group: MultiThreadedEventLoopGroup

    init(_ group: MultiThreadedEventLoopGroup) {
        self.group = group
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? group.any()
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
