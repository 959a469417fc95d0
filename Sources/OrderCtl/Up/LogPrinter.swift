import Dispatch
import Synchronization
import SystemPackage

/// Prints the lines of every program, each with its program's name before it.
///
/// Lines that came together stay together. Any thread; never blocks: when the reader stands still (a paused
/// terminal), lines wait up to 8 MiB and are then dropped and counted.
final class LogPrinter: Sendable {
    private let file: FileDescriptor
    private let isColoured: Bool
    private let width: Int
    private let names: [String]
    private let queue = DispatchQueue(label: "log-printer")
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        var bytes = 0
        var dropped = 0
    }

    private static let limit = 8 << 20
    /// Readable on dark and on light ground; red is left to errors.
    private static let colours = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"]

    /// Creates a printer.
    ///
    /// - Parameters:
    ///   - names: Every program's name, for the width of the first column.
    ///   - file: Standard output, or standard error while standard output carries JSON.
    ///   - isColoured: Whether a person watches who has not said `NO_COLOR`.
    init(names: [String], file: FileDescriptor, isColoured: Bool) {
        self.file = file
        self.isColoured = isColoured
        self.names = names
        width = names.map(\.count).max() ?? 0
    }

    /// Prints lines of one program.
    func print(_ lines: [String], from name: String) {
        let prefix = prefix(of: name)
        write(lines.map { "\(prefix)\($0)\n" }.joined())
    }

    /// Prints a text of `up` itself, without a prefix.
    func say(_ text: String) {
        write(text + "\n")
    }

    /// Waits until everything is printed, at most for `patience`.
    func flush(within patience: Duration) async {
        let limit = ContinuousClock.now.advanced(by: patience)
        while waiting.withLock({ $0.bytes }) > 0, ContinuousClock.now < limit {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    func prefix(of name: String) -> String {
        let padded = name + String(repeating: " ", count: max(0, width - name.count))
        guard isColoured else { return "\(padded) | " }
        let number = names.firstIndex(of: name) ?? 0
        return "\u{1B}[\(Self.colours[number % Self.colours.count])m\(padded) |\u{1B}[0m "
    }

    private func write(_ text: String) {
        var bytes = Array(text.utf8)
        let isTaken = waiting.withLock { waiting in
            guard waiting.bytes + bytes.count <= Self.limit else {
                waiting.dropped += 1
                return false
            }
            if waiting.dropped > 0 {
                bytes = Array("… \(waiting.dropped) writes were dropped\n".utf8) + bytes
                waiting.dropped = 0
            }
            waiting.bytes += bytes.count
            return true
        }
        guard isTaken else { return }
        queue.async { [file, bytes] in
            _ = try? file.writeAll(bytes)
            self.waiting.withLock { $0.bytes -= bytes.count }
        }
    }
}
