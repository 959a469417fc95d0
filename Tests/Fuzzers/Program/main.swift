import Glibc
import SystemPackage

/// libFuzzer's own loop; see https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The body named by the first argument; the others are libFuzzer's.
private let chosen = Fuzzer.all.first { $0.name == CommandLine.arguments.dropFirst().first }

private func say(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(Array("\(text)\n".utf8))
}

guard CommandLine.arguments.count > 1, chosen != nil else {
    say("usage: Fuzz <\(Fuzzer.all.map(\.name).joined(separator: "|"))> [libFuzzer's arguments]")
    exit(64)
}

// The name goes, the program's own stays.
var count = CommandLine.argc - 1
var arguments = unsafe CommandLine.unsafeArgv + 1
exit(
    unsafe runDriver(&count, &arguments) { start, length in
        let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: length))
        do {
            try chosen?.body(bytes)
        } catch {
            say("broken: \(error)")
            abort()
        }
        return 0
    }
)
