/// Asks a server on this machine whether it answers, without blocking a thread.
enum Probe {
    /// Whether a login as `user` gets as far as `connection.tune`, so the definitions are loaded and AMQP works.
    static func answersLogin(port: UInt16, user: String, password: String) async -> Bool {
        guard let socket = LoopbackSocket(), socket.connect(to: port) else { return false }
        let header = Array("AMQP".utf8) + [0, 0, 9, 1]
        guard await converse(socket, sending: header, until: isStart) else { return false }
        return await converse(socket, sending: startOK(user: user, password: password), until: isTune)
    }

    /// Whether an HTTP server answers on the port, whatever it says.
    static func answersHTTP(port: UInt16) async -> Bool {
        guard let socket = LoopbackSocket(), socket.connect(to: port) else { return false }
        let request = Array("GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        return await converse(socket, sending: request) { $0.starts(with: Array("HTTP/1.".utf8)) }
    }

    /// Sends, then reads until the answer is recognised; gives up after 2 s.
    private static func converse(
        _ socket: borrowing LoopbackSocket,
        sending bytes: [UInt8],
        until isAnswer: ([UInt8]) -> Bool
    ) async -> Bool {
        let limit = ContinuousClock.now.advanced(by: .seconds(2))
        var isSent = false
        var received: [UInt8] = []
        while ContinuousClock.now < limit, !Task.isCancelled {
            if !isSent {
                switch socket.send(bytes) {
                case .sent: isSent = true
                case .notYet: break
                case .broken: return false
                }
            }
            if isSent, let more = socket.receive() {
                guard !more.isEmpty else { return false }
                received += more
                if isAnswer(received) { return true }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// `connection.start` is method 10.10, on channel 0 as every method here.
    private static func isStart(_ bytes: [UInt8]) -> Bool { isMethod(10, in: bytes) }

    /// `connection.tune` is method 10.30, the answer to a good login.
    private static func isTune(_ bytes: [UInt8]) -> Bool { isMethod(30, in: bytes) }

    private static func isMethod(_ method: UInt8, in bytes: [UInt8]) -> Bool {
        bytes.count >= 11 && bytes[0] == 1 && Array(bytes[7..<11]) == [0, 10, 0, method]
    }

    /// `connection.start-ok` with PLAIN and no client properties (AMQP 0-9-1, 1.4.2.3).
    private static func startOK(user: String, password: String) -> [UInt8] {
        func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        func long(_ bytes: [UInt8]) -> [UInt8] { bigEndian(bytes.count) + bytes }
        let response = [0] + Array(user.utf8) + [0] + Array(password.utf8)
        let payload = [0, 10, 0, 11] + bigEndian(0) + short("PLAIN") + long(response) + short("en_US")
        return [1, 0, 0] + bigEndian(payload.count) + payload + [0xCE]
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
}
