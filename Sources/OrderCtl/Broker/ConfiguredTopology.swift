import EventLog
import OrderEvents
import RabbitMQ
import ServiceKit
import WorkQueue

/// The broker's objects that a service's own settings ask for.
struct ConfiguredTopology {
    /// When failed events are tried again.
    var retry: RetryPolicy
    /// Everything of the service, its broker filter's way included.
    var topology: Topology

    /// Reads `retry.delays` and `worker.broker-filter` as the service's program would.
    ///
    /// What is wrong in its settings is not said here: the program says it and does not start.
    /// - Parameters:
    ///   - service: `order-service`, or a worker's service.
    ///   - environment: What the program is started with; `CONFIG_DIRECTORY` names the folder of its file.
    ///   - flags: What goes before, such as `--retry-delays=1s`.
    init(of service: String, environment: [String: String], flags: [String] = []) async {
        let isOrderService = service == Topology.orderServiceName
        let sources = await SettingsSources(
            program: isOrderService ? service : "\(service)-worker",
            arguments: flags,
            environment: environment
        )
        var checklist = SettingsChecklist(sources)
        if isOrderService {
            retry = RetryPolicy(reading: &checklist)
            topology = .orderService(retry: retry)
        } else {
            let settings = WorkerSettings(reading: &checklist, exchange: OrderEvents.exchangeName)
            retry = settings.retry
            topology = .service(
                service,
                of: OrderEvents.exchangeName,
                retry: retry,
                filter: settings.brokerFilter
            )
        }
    }

    /// What all services share: the exchange of the events, and that of the outcomes.
    static let shared =
        Topology.events(exchange: OrderEvents.exchangeName)
        + .outcomes(exchange: OrderEvents.outcomesExchangeName)
}
