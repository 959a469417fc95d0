public import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// An HTTP server of ours: Hummingbird, with one log line of our own instead of its chatter.
///
/// `run()` ends on graceful shutdown after open requests are answered.
/// It throws ``StartError`` with exit code `settings` where the address cannot be listened on.
public struct HTTPListener<
    Context: InitializableFromSource<ApplicationRequestContextSource> & RequestContext
>: Service {
    private let responder: RouterResponder<Context>
    private let host: String
    private let port: Int
    private let portKey: String
    private let message: String
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
    ///   - logger: Takes that line; the server's own lines from warning upwards.
    ///   - onListening: Told the real port.
    public init(
        router: Router<Context>,
        host: String,
        port: Int,
        portKey: String,
        message: String = "Listening",
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        responder = router.buildResponder()
        self.host = host
        self.port = port
        self.portKey = portKey
        self.message = message
        self.logger = logger
        self.onListening = onListening
    }

    /// Listens until graceful shutdown.
    public func run() async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: responder,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { [host, port, message, logger, onListening] channel in
                let real = channel.localAddress?.port ?? port
                let shownHost = host.contains(":") ? "[\(host)]" : host
                logger.info("\(message)", metadata: ["address": "http://\(shownHost):\(real)"])
                onListening(real)
            },
            logger: quiet
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw StartError(
                .settings,
                "\(portKey): cannot listen on \(host) port \(port): \(error.description)"
            )
        } catch let error as SocketAddressError {
            throw StartError(.settings, "\(portKey): cannot listen on \(host) port \(port): \(error)")
        }
    }
}
