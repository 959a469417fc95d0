import Glibc
import SystemPackage

/// The few system calls that no library of ours wraps.
enum SystemSeam {
    /// A reader that goes away must not end this program.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Ends the process.
    static func exit(_ code: Int32) -> Never {
        Glibc.exit(code)
    }

    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: FileDescriptor) -> Bool {
        isatty(descriptor.rawValue) == 1
    }

    /// How many characters a line of the terminal has; nil where the descriptor is none, or it does not say.
    static func terminalWidth(_ descriptor: FileDescriptor) -> Int? {
        var size = winsize()
        let result = unsafe ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }

    /// Takes the exclusive lock of an open file without waiting.
    ///
    /// The kernel gives it back when the last descriptor closes, however the process ends.
    static func lock(_ file: FileDescriptor) -> Bool {
        flock(file.rawValue, LOCK_EX | LOCK_NB) == 0
    }

    /// Sends a signal to a process group.
    static func signalGroup(_ group: Int32, _ signal: Int32) {
        _ = kill(-group, signal)
    }

    /// Puts one file in the place of another, at once.
    static func rename(_ old: FilePath, to new: FilePath) -> Bool {
        unsafe old.withPlatformString { old in
            unsafe new.withPlatformString { new in unsafe Glibc.rename(old, new) == 0 }
        }
    }
}
