import Hummingbird
import Logging

/// What Hummingbird keeps beside each request; nothing of our own.
struct OrderRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// A context without a connection, for tests.
    init(logger: Logger) {
        coreContext = CoreRequestContextStorage(source: LoggerSource(logger: logger))
    }
}

private struct LoggerSource: RequestContextSource {
    let logger: Logger
}
