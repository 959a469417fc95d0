import HummingbirdCore
import NIOCore

#if TLS
import HummingbirdTLS
import NIOSSL

extension ServerCertificate {
    /// What is wrong with the files; nil where a server can be built from them.
    func problem() -> Problem? {
        do {
            _ = try NIOSSLContext(configuration: configuration())
            return nil
        } catch let problem as Problem {
            return problem
        } catch {
            // Both can be read, so they do not belong together.
            return Problem(
                key: Self.keyKey,
                rule: "must be the key of the certificate in \(Self.certificateKey)"
            )
        }
    }

    /// The same server, behind TLS 1.2 or newer.
    func wrapping(_ plain: HTTPServerBuilder) throws -> HTTPServerBuilder {
        try .tls(plain, tlsConfiguration: configuration())
    }

    /// Where handlers go that are to see the client's bytes, not those of TLS.
    static func place(
        in operations: ChannelPipeline.SynchronousOperations
    )
        -> ChannelPipeline.SynchronousOperations.Position
    {
        guard let handler = try? operations.handler(type: NIOSSLServerHandler.self) else { return .first }
        return .after(handler)
    }

    private func configuration() throws -> TLSConfiguration {
        let chain = try read(certificate, Self.certificateKey, "must be a PEM file with a certificate") {
            try NIOSSLCertificate.fromPEMFile($0)
        }
        let secret = try read(key, Self.keyKey, "must be a PEM file with a key, without a passphrase") {
            try NIOSSLPrivateKey(file: $0, format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(secret)
        )
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    private func read<Content>(
        _ path: String,
        _ key: String,
        _ rule: String,
        _ content: (String) throws -> Content
    ) throws(Problem) -> Content {
        do {
            return try content(path)
        } catch {
            throw Problem(key: key, rule: rule)
        }
    }
}
#else
extension ServerCertificate {
    /// This build answers in the open only.
    func problem() -> Problem? {
        Problem(
            key: Self.certificateKey,
            rule: "needs a program that can answer HTTPS: build it with `swift build --traits TLS`"
        )
    }

    /// Never reached: such settings are refused.
    func wrapping(_ plain: HTTPServerBuilder) throws -> HTTPServerBuilder {
        throw problem() ?? Problem(key: Self.certificateKey, rule: "cannot be used")
    }

    /// Where handlers go that are to see the client's bytes.
    static func place(
        in operations: ChannelPipeline.SynchronousOperations
    )
        -> ChannelPipeline.SynchronousOperations.Position
    { .first }
}
#endif
