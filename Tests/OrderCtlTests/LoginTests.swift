import FoundationEssentials
import OrderEvents
import RabbitMQ
import SystemPackage
import TestSupport
import Testing
import WorkQueue

@testable import OrderCtl
@testable import RabbitMQNode

@Suite("Logins of the broker")
struct LoginTests {
    /// What definitions say, as the broker reads them.
    private struct Definitions: Decodable {
        struct User: Decodable {
            var name: String
            var password_hash: String?
            var hashing_algorithm: String?
            var tags: [String]
        }
        struct Permission: Decodable {
            var user: String
            var vhost: String
            var configure: String
            var write: String
            var read: String
        }
        struct Policy: Decodable {
            var name: String
            var priority: Double
        }
        var users: [User]
        var permissions: [Permission]
        var policies: [Policy]?
    }

    private let folder = PackageLayout.configuration.appending("rabbitmq")

    private func isOf(_ password: String, _ hash: String?) throws -> Bool {
        let bytes = try #require(hash.flatMap { Data(base64Encoded: $0) })
        return PasswordHash.text(of: password, salt: Array(bytes.prefix(4))) == hash
    }

    @Test("a password is hashed as RabbitMQ's guide shows, each time with another salt")
    func hash() {
        let salt: [UInt8] = [0x90, 0x8D, 0xC6, 0x0A]
        let hash = PasswordHash.text(of: "test12", salt: salt)
        #expect(hash == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR")
        #expect(Set((0..<8).map { _ in PasswordHash.text(of: "test12") }).count == 8)
    }

    @Test("what ships has no password, nobody but the operator is an administrator, and guest is nobody")
    func shipped() throws {
        let data = try #require(
            FileManager.default.contents(atPath: folder.appending("definitions.json").string)
        )
        let shipped = try JSONDecoder().decode(Definitions.self, from: data)
        #expect(!String(decoding: data, as: UTF8.self).contains("password"))
        #expect(shipped.users.filter { !$0.tags.isEmpty }.map(\.name) == ["operator"])
        #expect(!shipped.users.map(\.name).contains("guest"))
        #expect(shipped.permissions.map(\.user) == shipped.users.map(\.name))
        let (events, outcomes) = (OrderEvents.exchangeName, OrderEvents.outcomesExchangeName)
        let published = [
            "order-service": [events], "notification": [outcomes], "inventory": [outcomes, events],
            "analytics": [outcomes],
        ]
        for permission in shipped.permissions where permission.user != "operator" {
            let exchanges = try #require(published[permission.user])
            let expected = ServicePermissions(of: permission.user, publishingTo: exchanges)
            #expect(permission.configure == expected.configure, "\(permission.user)")
            #expect(permission.write == expected.write, "\(permission.user)")
            #expect(permission.read == expected.read, "\(permission.user)")
            #expect(permission.vhost == "/")
        }
    }

    @Test("rendered, each user has the hash of its own password, and a further service what a worker needs")
    func rendered() throws {
        var definitions = try BrokerDefinitions(inFolder: folder)
        definitions.add(BrokerUser(worker: "loyalty"))
        definitions.add(BrokerUser(worker: "inventory"))
        let logins = BrokerLogins(for: definitions.users)
        let text = definitions.rendered(with: logins)
        let read = try JSONDecoder().decode(Definitions.self, from: text)
        #expect(read.users.map(\.name) == definitions.users && read.users.count == 6)
        for user in read.users {
            let password = try #require(logins.password(of: user.name))
            #expect(password.count == 32)
            #expect(try isOf(password, user.password_hash), "\(user.name)")
            #expect(user.hashing_algorithm == "rabbit_password_hashing_sha256")
            #expect(!String(decoding: text, as: UTF8.self).contains(password))
        }
        let loyalty = read.permissions.filter { $0.user == "loyalty" }
        #expect(loyalty.map(\.write) == [#"^(loyalty\.failures|orders\.outcomes)$"#])
        let inventory = read.permissions.filter { $0.user == "inventory" }
        #expect(inventory.count == 1, "what the file says of a user stays")
        #expect(inventory.first?.write.contains("events") == true)
    }

    @Test("what else a file of definitions holds is kept; a user without a password cannot log in")
    func kept() throws {
        let template = """
            {"users":[{"name":"a","password_hash":"own","tags":[]},{"name":"b","tags":["monitoring"]}],\
            "permissions":[],"policies":[{"name":"p","priority":1.5}]}
            """
        let definitions = try BrokerDefinitions(Data(template.utf8))
        let read = try JSONDecoder()
            .decode(
                Definitions.self,
                from: definitions.rendered(with: BrokerLogins())
            )
        #expect(read.users.map(\.password_hash) == ["own", ""])
        #expect(read.users.map(\.tags) == [[], ["monitoring"]])
        #expect(read.policies?.map(\.priority) == [1.5])
        for broken in ["", "[]", "{"] {
            #expect(throws: NodeError.self) { try BrokerDefinitions(Data(broken.utf8)) }
        }
    }

    @Test("passwords are made once, for their owner's eyes only, and whoever comes later gets one too")
    func passwords() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path.appending("run").appending("logins.json")
        let first = try BrokerLogins.kept(in: file, for: ["inventory"])
        #expect(first.users == ["inventory", "operator"])
        let mode = try FileManager.default.attributesOfItem(atPath: file.string)[.posixPermissions] as? UInt16
        #expect(mode == 0o600)
        #expect(try BrokerLogins.kept(in: file, for: ["inventory"]) == first)
        let later = try BrokerLogins.kept(in: file, for: ["loyalty"])
        #expect(later.users == ["inventory", "loyalty", "operator"])
        for user in first.users { #expect(later.password(of: user) == first.password(of: user)) }
        #expect(Set(later.users.compactMap(later.password)).count == 3)
        let shown = "\(later) \(String(reflecting: later)) \(Mirror(reflecting: later).children.count)"
        for user in later.users { #expect(!shown.contains(try #require(later.password(of: user)))) }

        try Data("no JSON".utf8).write(to: URL(filePath: file.string))
        let error = #expect(throws: NodeError.self) { try BrokerLogins.kept(in: file, for: []) }
        #expect(error?.description.contains("logins.json") == true)
    }

    @Test(
        "each program finds its own login below up, and is told to declare nothing; a given broker's is everybody's"
    )
    func programs() throws {
        let logins = BrokerLogins(for: ["inventory"])
        let own = UpPlan.Broker.own(
            NodeSettings(
                directory: "/state",
                configuration: folder,
                ports: NodePorts(amqp: 1, management: 2, distribution: 3, epmd: 4, commandLine: 5),
                logins: logins
            )
        )
        let told = own.environment(of: "inventory")
        #expect(told["RABBITMQ_TOPOLOGY"] == "verify")
        let endpoint = try Endpoint(url: try #require(told["RABBITMQ_URL"]))
        #expect(endpoint.user == "inventory" && endpoint.password == logins.password(of: "inventory"))
        #expect(try Endpoint(url: own.url).user == "operator")
        let given = UpPlan.Broker.given(url: "amqp://x:y@z", management: "http://z")
        #expect(given.environment(of: "inventory") == ["RABBITMQ_URL": "amqp://x:y@z"])
    }

    @Test("a folder of logins has an address for each user and definitions that fit, and stays as it is")
    func folders() throws {
        let directory = try TemporaryDirectory()
        let logins = LoginFolder(path: directory.path, address: "rabbitmq:5672")
        let users = try logins.write(configuration: PackageLayout.configuration, services: ["loyalty"])
        #expect(
            users == ["analytics", "inventory", "loyalty", "notification", "operator", "order-service"]
        )
        func contents(_ path: String) throws -> String {
            try String(contentsOf: URL(filePath: directory.text(of: path)), encoding: .utf8)
        }
        let urls = try users.map { try contents("\($0)/url") }
        let text = try contents("broker/definitions.json")
        let read = try JSONDecoder().decode(Definitions.self, from: Data(text.utf8))
        for (user, url) in zip(users, urls) {
            let endpoint = try Endpoint(url: String(url.dropLast()))
            #expect(endpoint.user == user && endpoint.host == "rabbitmq" && endpoint.port == 5672)
            let hash = read.users.first { $0.name == user }?.password_hash
            #expect(try isOf(endpoint.password, hash), "\(user)")
        }
        _ = try logins.write(configuration: PackageLayout.configuration, services: ["loyalty"])
        #expect(try users.map { try contents("\($0)/url") } == urls)
    }

    @Test("the address of a running broker has the login that was asked for")
    func addresses() throws {
        let directory = try TemporaryDirectory()
        let file = UpDirectory.logins(in: directory.path)
        let logins = try BrokerLogins.kept(in: file, for: ["inventory"])
        let password = try #require(logins.password(of: "operator"))
        var running = UpFile(
            orderService: "http://x",
            rabbitmq: "amqp://operator:\(password)@127.0.0.1:5673",
            management: "http://x",
            processes: []
        )
        func url(_ service: String?) throws -> String {
            try BrokerCommand.Address.url(running, for: service, logins: file)
        }
        #expect(try url(nil) == running.rabbitmq)
        let own = try Endpoint(url: url("inventory"))
        #expect(own.user == "inventory" && own.password == logins.password(of: "inventory"))
        #expect(own.port == 5673)
        let error = #expect(throws: CommandError.self) { try url("nobody") }
        #expect(error?.message.contains("inventory, operator") == true)
        // Given by RABBITMQ_URL: what an earlier `up` with a broker of its own left is none of its logins.
        running.rabbitmq = "amqp://somebody:else@127.0.0.1:5673"
        #expect(try url("inventory") == running.rabbitmq)
    }
}
