import Subprocess

extension Array<UInt8> {
    /// Copies what a child process wrote.
    init(copying buffer: SubprocessOutputSequence.Buffer) {
        self = unsafe buffer.withUnsafeBytes { unsafe Array($0) }
    }
}
