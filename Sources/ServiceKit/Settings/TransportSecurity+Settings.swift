public import RabbitMQ

extension TransportSecurity {
    /// Reads how TLS to the broker is set up, and judges the files, so that a program ends at its start and not later.
    ///
    /// - `rabbitmq.ca`: PEM file of the authorities to trust; default `system`, those of the machine.
    /// - `rabbitmq.certificate`: PEM file of a client certificate; default `none`.
    /// - `rabbitmq.key`: PEM file of its key, shown nowhere; default `none`. One that everybody may read is warned of.
    ///
    /// - Parameter checklist: Notes what is wrong.
    public init(reading checklist: inout SettingsChecklist) {
        self.init(
            authorities: checklist.file(
                "rabbitmq.ca",
                shownAs: "system",
                "PEM file of the authorities trusted at amqps"
            ),
            certificate: checklist.file(
                "rabbitmq.certificate",
                shownAs: "none",
                "PEM file of a client certificate"
            ),
            key: checklist.file(
                "rabbitmq.key",
                shownAs: "none",
                secrecy: .secret,
                "PEM file of its key, without a passphrase"
            )
        )
        for problem in problems() { checklist.refuse(problem.file.key, because: problem.rule) }
        for warning in warnings() { checklist.warn(of: warning.file.key, because: warning.rule) }
    }
}

extension SettingsChecklist {
    /// Reads the path of a file that need not be named; the word of the default means the same as none.
    fileprivate mutating func file(
        _ key: String,
        shownAs word: String,
        secrecy: Secrecy = .open,
        _ meaning: String
    ) -> String? {
        value(key, default: nil, shownAs: word, secrecy: secrecy, meaning) { text throws(BrokenRule) in
            if text == word { return nil }
            // A pasted certificate or key is kept out of the message.
            guard !text.contains("-----BEGIN") else {
                throw BrokenRule("must be the path of a PEM file, not its content", showsText: false)
            }
            guard LogText.escaped(text) == text else { throw BrokenRule("must be one line of visible text") }
            return text
        }
    }
}
