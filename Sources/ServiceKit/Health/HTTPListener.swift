public import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import SystemPackage

/// An HTTP server of ours: Hummingbird, with one log line of our own instead of its chatter.
///
/// `run()` ends on graceful shutdown after open requests are answered, those that are not after `stopPatience` are cut.
/// It throws ``StartError`` with exit code `settings` where the address cannot be listened on.
/// A connection that sends nothing for `patience` while nobody answers it is closed, in the middle of a request too; and
/// so is one that goes beyond the ``HTTPLimits``.
/// What is no HTTP gets 400 with an RFC 9457 document.
public struct HTTPListener<
    Context: InitializableFromSource<ApplicationRequestContextSource> & RequestContext
>: Service {
    private let responder: RouterResponder<Context>
    private let host: String
    private let port: Int
    private let portKey: String
    private let message: String
    private let patience: Duration
    private let limits: HTTPLimits
    private let certificate: ServerCertificate?
    private let open = OpenConnections()
    private let stopPatience: Duration
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// Creates a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - router: Answers the requests; routes added to it later are not seen.
    ///   - host: Address or name to listen on.
    ///   - port: 0 takes a free one.
    ///   - portKey: The setting to name where the address cannot be listened on.
    ///   - message: Fixed sentence logged once with the address.
    ///   - patience: Longest silence of a client, between requests and within one.
    ///   - limits: What one client, and all of them together, may take up.
    ///   - certificate: Answers HTTPS with it, and nothing in the open; nil for HTTP.
    ///   - stopPatience: Longest wait for open requests when told to stop.
    ///   - logger: Takes that line; the server's own lines from warning upwards.
    ///   - onListening: Told the real port.
    public init(
        router: Router<Context>,
        host: String,
        port: Int,
        portKey: String,
        message: String = "Listening",
        patience: Duration = .seconds(60),
        limits: HTTPLimits = .usual,
        certificate: ServerCertificate? = nil,
        stopPatience: Duration = .seconds(10),
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        responder = router.buildResponder()
        self.host = host
        self.port = port
        self.portKey = portKey
        self.message = message
        self.patience = patience
        self.limits = limits
        self.certificate = certificate
        self.stopPatience = stopPatience
        self.logger = logger
        self.onListening = onListening
    }

    private var scheme: String { certificate == nil ? "http" : "https" }

    /// Listens until graceful shutdown.
    public func run() async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: responder,
            server: try server(),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { [host, port, message, logger, onListening, scheme] channel in
                let real = channel.localAddress?.port ?? port
                let shownHost = host.contains(":") ? "[\(host)]" : host
                logger.info("\(message)", metadata: ["address": "\(scheme)://\(shownHost):\(real)"])
                onListening(real)
            },
            logger: quiet
        )
        do {
            try await serve(application)
        } catch let problem as ServerCertificate.Problem {
            throw StartError(.settings, "\(problem.key): \(problem.rule)")
        } catch let error as IOError {
            throw refused("\(Errno(rawValue: error.errnoCode))")
        } catch is SocketAddressError.UnknownHost {
            throw refused("there is no such host")
        } catch let error as SocketAddressError {
            throw refused("\(error)")
        }
    }

    private func server() throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionSetup(limits, open)],
                idleTimeout: TimeAmount(patience),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headBytes,
                    maxHeaderListSize: limits.headBytes,
                    maxHeaderFieldCount: limits.headFields
                )
            )
        )
        return try certificate?.wrapping(plain) ?? plain
    }

    private func serve(_ application: some ApplicationProtocol) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withTaskExecutorPreference(EventLoopExecutor(.singleton)) {
                    try await application.run()
                }
            }
            group.addTask { [stopPatience] in
                try await gracefulShutdown()
                try await Task.sleep(for: stopPatience)
            }
            // Whichever ends first ends the other: a client that never finishes its request holds up nobody's end.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func refused(_ reason: String) -> StartError {
        StartError(.settings, "\(portKey): cannot listen on \(host) port \(port): \(reason)")
    }
}
