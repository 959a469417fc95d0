import Logging
import Metrics
import ServiceKit
import WorkQueue

extension NotificationSettings {
    /// Reads templates and customers.
    ///
    /// - Throws: ``StartError`` or ``SettingsError``, naming file and line.
    func makeWriter(logger: Logger) throws -> MessageWriter {
        let templates = try MessageTemplates.load(from: templates)
        guard templates.languages.contains(language) else {
            let known = templates.languages.sorted().joined(separator: ", ")
            let rule = "notification.language: there are no templates for it, only for \(known)"
            throw SettingsError(problems: [rule])
        }
        let directory = try CustomerDirectory.load(customers, languages: templates.languages)
        if transport == .smtp, !postsShortTexts, directory.wants(.sms) {
            logger.warning(
                "Customers with the channel sms are told in the log only: notification.sms.transport is log"
            )
        }
        return MessageWriter(
            directory: directory,
            templates: templates,
            language: language,
            onlyChannel: transport.isShortText ? .sms : nil,
            strangers: postsShortTexts ? .mailOrShortText : .mail,
            writesHTML: transport != .log
        )
    }

    /// Makes the transports chosen, each with its breaker and its rate.
    ///
    /// - Throws: ``StartError`` where a folder or a template of theirs cannot be used.
    func makeOutlets(logger: Logger, metrics: any MetricsFactory) throws -> Notifier.Outlets {
        func outlet(_ transport: any MessageTransport, _ name: String) -> Outlet {
            Outlet(
                transport: transport,
                breaker: CircuitBreaker(name, policy: breaker, logger: logger, metrics: metrics),
                rate: SendRate(perSecond: rate)
            )
        }
        let log = outlet(LogTransport(), "log")
        let sms = try postsShortTexts ? outlet(makeWebhook(), "webhook") : log
        switch transport {
        case .log: return Notifier.Outlets(email: log, sms: sms)
        case .file:
            let file = outlet(try FileTransport(directory: directory, from: from), "file")
            return Notifier.Outlets(email: file, sms: sms)
        case .smtp:
            guard let server = smtp.server else { throw StartError(.settings, "smtp.url: must be set") }
            let transport = SMTPTransport(
                server,
                connections: smtp.connections,
                timeout: smtp.timeout,
                from: from
            )
            return Notifier.Outlets(email: outlet(transport, "smtp"), sms: sms)
        case .webhook, .sms: return Notifier.Outlets(email: sms, sms: sms)
        }
    }

    private func makeWebhook() throws(StartError) -> WebhookTransport {
        guard let url = webhook.url, let secret = webhook.secret else {
            throw StartError(.settings, "webhook.url and webhook.secret: must be set")
        }
        return WebhookTransport(
            url: url,
            secret: secret,
            body: try WebhookTransport.template(in: templates),
            connections: webhook.connections,
            timeout: webhook.timeout
        )
    }
}

extension Notifier.Outlets {
    /// Fails while messages wait for a transport that is down.
    var health: HealthCheck {
        let down = Set([email, sms].filter { $0.breaker.isOpen }.map(\.breaker.name)).sorted()
        guard !down.isEmpty else { return .ok }
        return .failing("down, messages wait: \(down.joined(separator: ", "))")
    }
}
