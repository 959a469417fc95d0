extension TransportSecurity {
    /// Everything that is wrong with the files, so that a program can say so at its start.
    ///
    /// The first of the authorities, and the first of certificate and key: missing, unreadable, no PEM, locked with a passphrase; a key that is not the
    /// certificate's; one of the two without the other. Whether the certificate is still valid is the broker's judgement.
    /// - Note: Blocks as long as the disk does. Any thread.
    public func problems() -> [Problem] {
        do throws(RabbitMQError) {
            return try SecureContext().problems(of: self)
        } catch {
            return [Problem(.authorities, error.detail)]
        }
    }

    /// What works and should not be as it is: a key that everybody on the machine may read.
    ///
    /// Asks the file system; any thread.
    public func warnings() -> [Problem] {
        keyIsOpenToOthers
            ? [Problem(.key, "may be read by every user of this machine; chmod o= would end that")] : []
    }
}

extension SecureContext {
    fileprivate func problems(of files: TransportSecurity) -> [TransportSecurity.Problem] {
        let problems = [
            Self.problem { () throws(TransportSecurity.Problem) in
                if let pem = try files.read(.authorities) { try trust(pem) }
            },
            Self.problem { () throws(TransportSecurity.Problem) in
                guard files.key != nil || files.certificate == nil else {
                    throw TransportSecurity.Problem(.key, "is needed with rabbitmq.certificate")
                }
                guard files.certificate != nil || files.key == nil else {
                    throw TransportSecurity.Problem(.certificate, "is needed with rabbitmq.key")
                }
                if let pem = try files.read(.certificate) { try present(pem) }
                if let pem = try files.read(.key) { try prove(pem) }
            },
        ]
        return problems.compactMap(\.self)
    }

    private static func problem(
        _ body: () throws(TransportSecurity.Problem) -> Void
    ) -> TransportSecurity.Problem? {
        do throws(TransportSecurity.Problem) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
