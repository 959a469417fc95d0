import Hummingbird
import Logging
import ServiceKit

/// What Hummingbird keeps beside each request, and the connection that it came on.
struct OrderRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Nothing in tests without a socket.
    let connection: ClientConnection?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        connection = ClientConnection(source)
    }

    /// A context without a connection, for tests.
    init(logger: Logger) {
        coreContext = CoreRequestContextStorage(source: LoggerSource(logger: logger))
        connection = nil
    }
}

private struct LoggerSource: RequestContextSource {
    let logger: Logger
}
