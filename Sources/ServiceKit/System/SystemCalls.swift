import CLinux

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The few calls for which Foundation has no cheap equivalent; the only unsafe lines of this module.
enum SystemCalls {
    /// Writes everything, in one call where the kernel takes it.
    ///
    /// Gives up silently when the reader is gone: there is nobody left to tell.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                #if canImport(Glibc)
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                #else
                return unsafe Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
            }
            if count > 0 {
                written += count
            } else if errno == EAGAIN {
                waitUntilWritable(descriptor)
            } else if errno != EINTR {
                return
            }
        }
    }

    /// Lets the process's threads finish what runs when they wake, instead of interrupting it (`SCHED_BATCH`, sched(7)).
    ///
    /// Changes nothing where another policy was chosen from outside, as by systemd's `CPUSchedulingPolicy=`.
    static func scheduleAsBatch() {
        clinux_batch_process()
    }

    /// Takes the program's text out of the process until it is used again.
    static func releaseText() {
        clinux_release_text()
    }

    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// Makes writing to a closed pipe or socket an error instead of the end of the process.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Makes every file that this process creates from now on its user's alone: databases and mails hold personal data.
    static func keepFilesPrivate() {
        umask(0o077)
    }

    /// Ends the process.
    static func exit(_ code: Int32) -> Never {
        #if canImport(Glibc)
        Glibc.exit(code)
        #else
        Darwin.exit(code)
        #endif
    }

    /// A pipe shared with somebody who made it non-blocking: look again every 100 ms at the latest.
    private static func waitUntilWritable(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&entry, 1, 100)
    }
}
