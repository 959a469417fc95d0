import Glibc
import TestSupport

/// A port where connections are accepted by the kernel, and nobody answers.
struct SilentListener: ~Copyable {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return -1
            }
            guard unsafe bind(descriptor, base, size) == 0, listen(descriptor, 16) == 0 else { return -1 }
            return unsafe getsockname(descriptor, base, &size)
        }
        guard status == 0 else {
            close(descriptor)
            throw NotInTime(description: "no socket to listen on")
        }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }
}
