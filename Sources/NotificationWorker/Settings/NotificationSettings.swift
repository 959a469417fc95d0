import ServiceKit
import WorkQueue

/// Settings of this service alone.
struct NotificationSettings: Equatable, Sendable {
    /// Ways for a message to leave.
    enum TransportKind: String, CaseIterable, Sendable {
        /// Announced in the log, and sent nowhere.
        case log
        /// Written into a maildir.
        case file
        /// Handed to a mail server.
        case smtp
        /// Posted to a program that passes it on as a short text.
        case webhook
        /// The same as ``webhook``.
        case sms

        /// Whether messages leave as short texts.
        var isShortText: Bool { self == .webhook || self == .sms }
    }

    /// Ways for a short text to leave.
    enum ShortTextKind: String, CaseIterable, Sendable {
        /// Announced in the log, and sent nowhere.
        case log
        /// Posted to a program that passes it on.
        case webhook
    }

    /// `notification.transport`, default `log`; `webhook` and `sms` make every message a short text.
    var transport: TransportKind
    /// `notification.sms.transport`, default `log`: how messages of customers with the channel `sms` leave.
    var shortTexts: ShortTextKind
    /// `notification.directory`, default `.run/mail`: the maildir of `file`.
    var directory: String
    /// `notification.from`, default `Orders <orders@localhost>`.
    var from: MailAddress
    /// `notification.templates`, default `Config/templates`.
    var templates: String
    /// `notification.language`, default `en`: of customers that the directory does not know.
    var language: String
    /// `notification.rate`, default `unlimited`: messages a second through each transport of this process.
    var rate: Double?
    /// `customers.file`, default `Config/customers.csv`.
    var customers: String
    /// `smtp.*`.
    var smtp: SMTPSettings
    /// `webhook.*`.
    var webhook: WebhookSettings
    /// `breaker.*`.
    var breaker: BreakerPolicy

    /// Whether short texts really leave.
    var postsShortTexts: Bool { transport.isShortText || shortTexts == .webhook }

    /// Reads the keys above.
    init(reading checklist: inout SettingsChecklist) {
        transport = checklist.choice("notification.transport", default: .log, "how mails leave")
        shortTexts = checklist.choice("notification.sms.transport", default: .log, "how short texts leave")
        directory = checklist.text(
            "notification.directory",
            default: ".run/mail",
            "maildir of transport file"
        )
        from = checklist.value(
            "notification.from",
            default: MailAddress(name: "Orders", address: "orders@localhost"),
            shownAs: "Orders <orders@localhost>",
            "sender of the mails"
        ) { text throws(BrokenRule) in
            guard let address = MailAddress(setting: text) else {
                throw BrokenRule("must be an address, or Name <address>")
            }
            return address
        }
        templates = checklist.text(
            "notification.templates",
            default: "Config/templates",
            "directory of templates"
        )
        language = checklist.text(
            "notification.language",
            default: "en",
            "language of customers who are not in customers.file"
        )
        rate = checklist.value(
            "notification.rate",
            default: nil,
            shownAs: "unlimited",
            "messages a second through each transport"
        ) { text throws(BrokenRule) in
            guard text != "unlimited" else { return nil }
            guard let rate = Double(text), (0.1...10_000).contains(rate) else {
                throw BrokenRule("must be a number from 0.1 to 10000, or unlimited")
            }
            return rate
        }
        customers = checklist.text(
            "customers.file",
            default: CustomerDirectory.usualFile,
            "customers: user_id,name,email,phone,channel,language"
        )
        smtp = SMTPSettings(reading: &checklist, isUsed: transport == .smtp)
        webhook = WebhookSettings(
            reading: &checklist,
            isUsed: transport.isShortText || shortTexts == .webhook
        )
        breaker = BreakerPolicy(reading: &checklist)
    }
}

extension BreakerPolicy {
    /// Reads `breaker.failures`, `breaker.pause` and `breaker.limit`.
    init(reading checklist: inout SettingsChecklist) {
        let usual = BreakerPolicy()
        let failures = checklist.integer(
            "breaker.failures",
            in: 1...1_000,
            default: usual.failures,
            "failures of a transport in a row that make its messages wait"
        )
        let pause = checklist.duration(
            "breaker.pause",
            in: .milliseconds(100) ... .seconds(600),
            default: usual.pause,
            "wait before a message is tried again; twice as long after each failure"
        )
        let limit = checklist.duration(
            "breaker.limit",
            in: .milliseconds(100) ... .seconds(900),
            default: usual.longestPause,
            "longest such wait"
        )
        self.init(failures: failures, pause: pause, longestPause: limit)
    }
}
