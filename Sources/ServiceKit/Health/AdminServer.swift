import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// Where a worker's operators ask.
public struct AdminSettings: Sendable, Equatable {
    /// `admin.host`, default `127.0.0.1`.
    public var host: String
    /// `admin.port`, default 0, which takes a free one; nil, written `off`, listens nowhere.
    public var port: Int?

    /// Creates settings by hand, for tests.
    ///
    /// - Parameters:
    ///   - host: Address to listen on.
    ///   - port: 0 takes a free port, nil listens nowhere.
    public init(host: String = "127.0.0.1", port: Int? = 0) {
        self.host = host
        self.port = port
    }

    /// Reads `admin.host` and `admin.port`.
    ///
    /// - Parameter checklist: Notes what is wrong.
    public init(reading checklist: inout SettingsChecklist) {
        host = checklist.text("admin.host", default: "127.0.0.1", "address of /health/* and /metrics")
        port = checklist.value(
            "admin.port",
            default: 0,
            shownAs: "0",
            "its port; 0 takes a free one and logs it, off listens nowhere"
        ) { text throws(BrokenRule) in
            if text == "off" { return nil }
            guard let port = Int(text), (0...65_535).contains(port) else {
                throw BrokenRule("must be a whole number from 0 to 65535, or off")
            }
            return port
        }
    }
}

/// Serves ``AdminRoutes`` beside the real work.
///
/// `run()` ends on graceful shutdown after open requests are answered; it throws ``StartError`` where the address
/// cannot be listened on. Start it before the work and it stops after it, so a draining worker can be watched.
public final class AdminServer: Service {
    private let settings: AdminSettings
    private let routes: AdminRoutes
    private let pages: AdminPages
    private let logger: Logger
    private let listening = ListeningPort()

    /// Creates a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - settings: Where to listen.
    ///   - health: Answers for readiness.
    ///   - metrics: Rendered for `/metrics`.
    ///   - pages: Served beside them.
    ///   - logger: Told the address once.
    public init(
        settings: AdminSettings,
        health: HealthRegistry,
        metrics: PrometheusRegistry,
        pages: AdminPages = AdminPages(),
        logger: Logger
    ) {
        self.pages = pages
        self.settings = settings
        routes = AdminRoutes(health: health, metrics: metrics)
        self.logger = logger
    }

    /// The port listened on; waits until there is one, for ever where `run()` never gets that far.
    package var port: Int {
        get async { await listening.value }
    }

    /// Listens until graceful shutdown.
    public func run() async throws {
        guard let port = settings.port else {
            try await gracefulShutdown()
            return
        }
        if !Loopback.contains(settings.host) {
            logger.warning(
                "Whoever reaches the admin address may read health and metrics",
                metadata: ["host": "\(settings.host)"]
            )
        }
        let router = Router()
        router.add(middleware: SecurityHeaders())
        routes.add(to: router)
        pages.add(to: router)
        let application = HTTPListener(
            router: router,
            host: settings.host,
            port: port,
            portKey: "admin.port",
            message: "Admin listening",
            logger: logger
        ) { [listening] in listening.set($0) }
        try await application.run()
    }
}

/// The port once known.
private final class ListeningPort: Sendable {
    private let stream = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
    private let known = Mutex<Int?>(nil)

    func set(_ port: Int) {
        known.withLock { $0 = port }
        stream.continuation.yield(port)
        stream.continuation.finish()
    }

    var value: Int {
        get async {
            for await port in stream.stream { return port }
            return known.withLock { $0 } ?? 0
        }
    }
}
