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
