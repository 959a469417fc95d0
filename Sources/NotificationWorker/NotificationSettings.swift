import ServiceKit

/// Settings of this service alone.
struct NotificationSettings: Equatable, Sendable {
    /// Ways for a mail to leave.
    enum TransportKind: String, CaseIterable, Sendable {
        /// Announced in the log, and sent nowhere.
        case log
        /// Written into a maildir.
        case file
    }

    /// `notification.transport`, default `log`.
    var transport: TransportKind
    /// `notification.directory`, default `.run/mail`: the maildir of `file`.
    var directory: String
    /// `notification.from`, default `Orders <orders@localhost>`.
    var from: MailAddress
    /// `notification.templates`, default `Config/templates`.
    var templates: String

    /// Reads the keys above.
    init(reading checklist: inout SettingsChecklist) {
        transport = checklist.choice("notification.transport", default: .log, "how mails leave")
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
    }

    /// Makes the transport chosen.
    func makeTransport() throws(StartError) -> any MessageTransport {
        switch transport {
        case .log: LogTransport()
        case .file: try FileTransport(directory: directory, from: from)
        }
    }
}
