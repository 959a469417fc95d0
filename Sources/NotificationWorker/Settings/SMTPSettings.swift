import Curl
import FoundationEssentials
import ServiceKit

/// How to reach the mail server.
struct SMTPSettings: Equatable, Sendable {
    /// How `smtp://` is protected.
    enum StartTLS: String, CaseIterable, Sendable {
        case required, opportunistic, none

        var security: SMTPServer.Security {
            switch self {
            case .required: .required
            case .opportunistic: .opportunistic
            case .none: .none
            }
        }
    }

    /// `smtp.url`, `smtp.user`, `smtp.password`, `smtp.tls`, `smtp.ca.file` and `smtp.connect.timeout`; nil without
    /// a URL.
    var server: SMTPServer?
    /// `smtp.connections`, default 4: mails at once.
    var connections: Int
    /// `smtp.timeout`, default `30s`: of one mail in total; at most 45 s, so that a claim of 60 s outlives it.
    var timeout: Duration

    /// Reads the keys above.
    ///
    /// - Parameters:
    ///   - checklist: Notes what is wrong.
    ///   - isUsed: Whether the transport was chosen, so that a URL must be there.
    init(reading checklist: inout SettingsChecklist, isUsed: Bool) {
        let startTLS: StartTLS = checklist.choice("smtp.tls", default: .required, "STARTTLS for smtp://")
        var server = checklist.optional(
            "smtp.url",
            secrecy: .secret,
            "mail server, smtp://host:587 or smtps://host:465"
        ) { text throws(BrokenRule) in
            guard let server = SMTPServer(url: text, startTLS: startTLS.security) else {
                throw BrokenRule("must be smtp://[user:password@]host[:port] or smtps://…, or none")
            }
            return server
        }
        let user = checklist.optional("smtp.user", "who signs in to the mail server", parse: Self.line)
        let password = checklist.optional(
            "smtp.password",
            secrecy: .secret,
            "password of smtp.user",
            parse: Self.line
        )
        let authorities = checklist.value(
            "smtp.ca.file",
            default: nil as String?,
            shownAs: "system",
            "PEM file of trusted authorities"
        ) { text throws(BrokenRule) in
            guard text != "system" else { return nil }
            guard FileManager.default.isReadableFile(atPath: text) else {
                throw BrokenRule("must be a file that can be read, or system")
            }
            return text
        }
        server?.authorities = authorities
        let connectTimeout = checklist.duration(
            "smtp.connect.timeout",
            in: .milliseconds(100) ... .seconds(45),
            default: .seconds(10),
            "longest wait for a connection, TLS and sign-in included"
        )
        server?.connectTimeout = connectTimeout
        timeout = checklist.duration(
            "smtp.timeout",
            in: .milliseconds(100) ... .seconds(45),
            default: .seconds(30),
            "longest time for one mail in total"
        )
        connections = checklist.integer("smtp.connections", in: 1...64, default: 4, "mails sent at once")
        if (user == nil) != (password == nil) {
            checklist.refuse("smtp.user", because: "goes together with smtp.password")
        } else if let user, let password {
            if server?.login != nil {
                checklist.refuse("smtp.user", because: "the login is in smtp.url already")
            }
            server?.login = SMTPServer.Login(user: user, password: password)
        }
        if isUsed, server == nil {
            checklist.refuse("smtp.url", because: "must be set for the transport smtp")
        }
        if let server, server.login != nil, server.security == .opportunistic {
            checklist.refuse(
                "smtp.tls",
                because: "opportunistic would show the login to whoever takes STARTTLS away; use required"
            )
        }
        self.server = server
    }

    private static func line(_ text: String) throws(BrokenRule) -> String {
        guard !text.unicodeScalars.contains(where: { $0.isControl }) else {
            throw BrokenRule("must be one line of visible text")
        }
        return text
    }
}

/// Where short texts are posted.
struct WebhookSettings: Equatable, Sendable, CustomStringConvertible {
    /// `webhook.url`, `http` or `https`; a secret, for many hold a token.
    var url: String?
    /// `webhook.secret`, the key of the signature.
    var secret: String?
    /// `webhook.timeout`, default `15s`: of one request in total.
    var timeout: Duration
    /// `webhook.connections`, default 4: requests at once.
    var connections: Int

    /// Reads the keys above.
    ///
    /// - Parameters:
    ///   - checklist: Notes what is wrong.
    ///   - isUsed: Whether the transport was chosen, so that URL and secret must be there.
    init(reading checklist: inout SettingsChecklist, isUsed: Bool) {
        url = checklist.optional("webhook.url", secrecy: .secret, "where short texts are posted") {
            text throws(BrokenRule) in
            let isURL = ["http://", "https://"].contains { text.hasPrefix($0) && text.count > $0.count }
            guard isURL, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw BrokenRule("must be an http or https URL, or none")
            }
            return text
        }
        secret = checklist.optional("webhook.secret", secrecy: .secret, "key of the header X-Signature") {
            text throws(BrokenRule) in text
        }
        timeout = checklist.duration(
            "webhook.timeout",
            in: .milliseconds(100) ... .seconds(45),
            default: .seconds(15),
            "longest time for one request in total"
        )
        connections = checklist.integer("webhook.connections", in: 1...64, default: 4, "requests at once")
        if isUsed, url == nil {
            checklist.refuse("webhook.url", because: "must be set for the transport webhook")
        }
        if isUsed, secret == nil {
            checklist.refuse("webhook.secret", because: "must be set for the transport webhook")
        }
    }

    /// Neither URL nor secret.
    var description: String {
        "webhook \(url == nil ? "unset" : "set"), secret \(secret == nil ? "unset" : "set"), \(timeout), \(connections)"
    }
}

extension SettingsChecklist {
    /// Reads a key that may be left out: by default, and as the word `none`.
    fileprivate mutating func optional<Value>(
        _ key: String,
        secrecy: Secrecy = .open,
        _ meaning: String,
        parse: (String) throws(BrokenRule) -> Value
    ) -> Value? {
        value(key, default: nil, shownAs: "none", secrecy: secrecy, meaning) { text throws(BrokenRule) in
            text == "none" ? nil : try parse(text)
        }
    }
}
