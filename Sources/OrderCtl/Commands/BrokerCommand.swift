import ArgumentParser
import FoundationEssentials
import RabbitMQ
import RabbitMQNode
import SystemPackage

/// The command `orderctl broker`.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Prints the broker's address with a login, or makes logins for a broker elsewhere.",
        subcommands: [Address.self, Logins.self]
    )
}

extension BrokerCommand {
    /// The command `orderctl broker url`.
    struct Address: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "url",
            abstract:
                "Prints the broker's address with the operator's login, or a service's; it holds a password.",
            discussion: """
                For a program that is started by hand beside a running `orderctl up`: \
                RABBITMQ_URL=$(orderctl broker url) loyalty-worker. With a service's own login set \
                RABBITMQ_TOPOLOGY=verify too, and let `orderctl topology apply` declare what it needs.
                """
        )

        @Argument(help: "The service whose login is wanted; the operator's when absent.")
        var service: String?

        @Option(help: "Directory of a running `orderctl up` (UP_DIRECTORY; default .run).")
        var directory: String?

        func run() async throws {
            let environment = ProcessInfo.processInfo.environment
            let directory = UpDirectory.choose(directory, environment: environment)
            guard let running = try UpFile.running(in: directory) else {
                throw CommandError.unavailable("No `orderctl up` runs in \(directory).")
            }
            Console.line(try Self.url(running, for: service, logins: UpDirectory.logins(in: directory)))
        }

        /// The address of a running `up`'s broker; where `up` was given one, there is only that login.
        static func url(_ running: UpFile, for service: String?, logins file: FilePath) throws -> String {
            guard let service else { return running.rabbitmq }
            let endpoint = try Endpoint(url: running.rabbitmq)
            let logins = try BrokerLogins.read(file)
            guard let logins, logins.password(of: BrokerLogins.operatorName) == endpoint.password else {
                return running.rabbitmq
            }
            guard let password = logins.password(of: service) else {
                let known = logins.users.joined(separator: ", ")
                throw CommandError.refused("\(service) has no login; there are: \(known).")
            }
            return "amqp://\(service):\(password)@\(endpoint.host):\(endpoint.port)"
        }
    }

    /// The command `orderctl broker logins`.
    struct Logins: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logins",
            abstract:
                "Makes a password for each user of the shipped definitions, and the definitions with hashes.",
            discussion: """
                Writes <into>/<user>/url for each user, and <into>/broker/definitions.json for the broker to import. \
                Passwords that <into>/operator/logins.json has stay as they are.
                """
        )

        @Option(help: "Directory to write to.") var into: String
        @Option(help: "Host and port that the programs reach the broker at.") var address = "127.0.0.1:5672"

        func run() async throws {
            let current = FilePath(FileManager.default.currentDirectoryPath)
            let environment = ProcessInfo.processInfo.environment
            let folder = try ProgramFolder.own.configuration(environment: environment, current: current)
            let services = ProgramFolder.own.builtServices()
            let written = try LoginFolder(path: current.pushing(FilePath(into)), address: address)
                .write(configuration: folder, services: services)
            Console.line("Logins of \(written.joined(separator: ", ")) are in \(into).")
        }
    }
}
