import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

@Suite("The writer of log lines")
struct LineWriterTests {
    /// A reader that can be slow.
    private final class Sink: Sendable {
        private let calls = Mutex<[String]>([])
        private let isInside = Atomic<Bool>(false)
        private let entered = Latch()
        private let released = Latch()

        /// Creates a reader that takes each line at once, or holds the first until it is released.
        init(isHeld: Bool = false) {
            if !isHeld { released.open() }
        }

        func release() { released.open() }
        func waitUntilInside() { entered.wait() }

        func take(_ bytes: [UInt8]) {
            let isAlone = !isInside.exchange(true, ordering: .acquiringAndReleasing)
            #expect(isAlone, "two at once")
            entered.open()
            released.wait()
            calls.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            isInside.store(false, ordering: .releasing)
        }

        var taken: [String] { calls.withLock { $0 } }
    }

    /// Every line that was written.
    private final class Written: Sendable {
        private let lines = Mutex<Set<String>>([])

        func take(_ bytes: [UInt8]) {
            let text = String(decoding: bytes, as: UTF8.self)
            lines.withLock { $0.formUnion(text.split(separator: "\n").map(String.init)) }
        }

        func contains(_ line: String) -> Bool { lines.withLock { $0.contains(line) } }
        var count: Int { lines.withLock { $0.count } }
    }

    @Test("writes in a moment without being asked")
    func alone() async throws {
        let sink = Sink()
        let writer = LineWriter(sink.take)
        for line in ["0\n", "1\n"] { writer.write(Array(line.utf8)) }
        try await eventually("both are written") { sink.taken.joined() == "0\n1\n" }
    }

    @Test("writes at once when it is flushed")
    func atOnce() {
        let sink = Sink()
        let writer = LineWriter(sink.take)
        for number in 0..<3 {
            writer.write(Array("\(number)\n".utf8))
            writer.flush()
            #expect(sink.taken.count == number + 1)
        }
        #expect(sink.taken == ["0\n", "1\n", "2\n"])
    }

    @Test("each of many tasks that flush it finds its own line written", arguments: 1...3)
    func flushed(round: Int) async {
        let written = Written()
        let writer = LineWriter(written.take)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask {
                    for number in 0..<20 {
                        writer.write(Array("\(task) \(number)\n".utf8))
                        writer.flush()
                        #expect(written.contains("\(task) \(number)"))
                    }
                }
            }
        }
        #expect(written.count == 64 * 20)
    }

    @Test("who flushes while another's call has the line waits for that call")
    func flushBeside() async {
        let sink = Sink(isHeld: true)
        let writer = LineWriter(sink.take)
        Self.begin(writer, sink)
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                writer.flush()
                #expect(sink.taken == ["first\n"], "it returned before the line was out")
                continuation.resume()
            }
            sink.release()
        }
    }

    @Test("waits for a slow reader once 256 KiB wait")
    func full() {
        let sink = Sink()
        let writer = LineWriter(sink.take)
        writer.write(Array(repeating: 0x61, count: LineWriter.limit + 1))
        #expect(sink.taken.map(\.utf8.count) == [LineWriter.limit + 1])
    }

    @Test("writes by itself also after a record that was too long to wait")
    func afterFull() async throws {
        let sink = Sink()
        let writer = LineWriter(sink.take)
        writer.write(Array(repeating: 0x61, count: LineWriter.limit + 1))
        writer.write(Array("next\n".utf8))
        try await eventually("the line is written") { sink.taken.last == "next\n" }
    }

    /// Begins a call that does not end, on a thread of its own, and returns once it is under way.
    private static func begin(_ writer: LineWriter, _ sink: Sink) {
        Thread.detachNewThread {
            writer.write(Array("first\n".utf8))
            writer.flush()
        }
        sink.waitUntilInside()
    }

    @Test("sends what came during a slow call together and in order, without holding up who brought it")
    func together() {
        let sink = Sink(isHeld: true)
        let writer = LineWriter(sink.take)
        Self.begin(writer, sink)
        for number in 0..<100 { writer.write(Array("\(number)\n".utf8)) }
        #expect(sink.taken.isEmpty)
        sink.release()
        writer.flush()
        let rest = (0..<100).map { "\($0)\n" }.joined()
        #expect(sink.taken == ["first\n", rest])
    }

    @Test("is flushed only when what came before is written")
    func flush() async {
        let sink = Sink(isHeld: true)
        let writer = LineWriter(sink.take)
        writer.flush()
        Self.begin(writer, sink)
        writer.write(Array("second\n".utf8))
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                writer.flush()
                continuation.resume()
            }
            sink.release()
        }
        #expect(sink.taken == ["first\n", "second\n"])
    }

    @Test("loses, mixes and doubles no line of many threads")
    func crowd() async {
        let sink = Sink()
        let writer = LineWriter(sink.take)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<500 { writer.write(Array("\(task) \(number)\n".utf8)) } }
            }
        }
        writer.flush()
        let lines = sink.taken.joined().split(separator: "\n")
        #expect(lines.count == 4_000)
        for task in 0..<8 {
            #expect(lines.filter { $0.hasPrefix("\(task) ") } == (0..<500).map { "\(task) \($0)" })
        }
    }
}
