import Digests
import FoundationEssentials

/// A password as RabbitMQ keeps it.
///
/// Base64 of a salt of four bytes and of SHA-256 over salt and password. Pure but for the salt.
/// - SeeAlso: RabbitMQ guide *Passwords*, section *This is the Algorithm*.
enum PasswordHash {
    static func text(of password: String) -> String {
        text(of: password, salt: (0..<4).map { _ in UInt8.random(in: 0...255) })
    }

    static func text(of password: String, salt: [UInt8]) -> String {
        Data(salt + SHA256.digest(salt + Array(password.utf8))).base64EncodedString()
    }
}
