import FoundationEssentials
import RabbitMQNode
import SystemPackage

/// The logins of a broker that somebody else starts, such as that of `compose.yaml`: a folder for each user, so that
/// each program can be shown its own alone.
struct LoginFolder {
    let path: FilePath
    /// Host and port of the broker, as programs reach it.
    let address: String

    /// Writes `<user>/url` for each user, and `broker/definitions.json`.
    ///
    /// Who may read a folder may read what is in it: programs and broker run under other users than this command.
    /// - Parameters:
    ///   - configuration: The folder with `rabbitmq/definitions.json`.
    ///   - services: Services that have a login beside those of the definitions.
    /// - Returns: The users, sorted.
    /// - Throws: `NodeError`, or the system's error when a file cannot be written.
    func write(configuration: FilePath, services: [String]) throws -> [String] {
        var definitions = try BrokerDefinitions(inFolder: configuration.appending("rabbitmq"))
        for service in services { definitions.add(BrokerUser(worker: service)) }
        let own = path.appending(BrokerLogins.operatorName)
        let logins = try BrokerLogins.kept(in: own.appending("logins.json"), for: definitions.users)
        let users = definitions.users.sorted()
        for user in users {
            guard let password = logins.password(of: user) else { continue }
            let url = "amqp://\(user):\(password)@\(address)\n"
            try put(Data(url.utf8), "url", in: path.appending(user))
        }
        try put(definitions.rendered(with: logins), "definitions.json", in: path.appending("broker"))
        return users
    }

    private func put(_ data: Data, _ name: String, in folder: FilePath) throws {
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        try data.write(to: URL(filePath: folder.appending(name).string), options: .atomic)
    }
}
