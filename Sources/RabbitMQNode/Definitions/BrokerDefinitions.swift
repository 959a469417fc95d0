public import FoundationEssentials
public import SystemPackage

/// What a broker imports when it starts: users with their permissions, and whatever else the file holds.
///
/// The file that ships, `Config/rabbitmq/definitions.json`, is a template: its users have no passwords. Pure but for the
/// salt of each password.
/// - SeeAlso: RabbitMQ guides *Schema Definition Export and Import* and *Passwords*.
public struct BrokerDefinitions: Sendable {
    private var document: JSONValue

    /// Reads a template.
    ///
    /// - Throws: ``NodeError`` of kind `directory` when it is no JSON object.
    public init(_ template: Data) throws(NodeError) {
        do {
            let members = try JSONDecoder().decode([String: JSONValue].self, from: template)
            document = .object(members)
        } catch {
            throw NodeError(.directory, "definitions.json is no JSON object")
        }
    }

    /// Reads the template of a folder such as `Config/rabbitmq`.
    ///
    /// - Throws: ``NodeError`` of kind `directory`.
    public init(inFolder folder: FilePath) throws(NodeError) {
        let path = folder.appending("definitions.json").string
        guard let template = FileManager.default.contents(atPath: path) else {
            throw NodeError(.directory, "\(path) cannot be read")
        }
        try self.init(template)
    }

    /// The names of the users, in the order of the file.
    public var users: [String] { (document["users"]?.list ?? []).compactMap { $0["name"]?.text } }

    /// Adds a login; one that the template has already stays as the template says.
    public mutating func add(_ user: BrokerUser) {
        guard !users.contains(user.name) else { return }
        append(["name": .text(user.name), "tags": .list([]), "limits": .object([:])], to: "users")
        append(
            [
                "user": .text(user.name), "vhost": .text("/"), "configure": .text(user.configure),
                "write": .text(user.write), "read": .text(user.read),
            ],
            to: "permissions"
        )
    }

    /// The definitions as the broker reads them: each password as a salted hash, in no other form.
    ///
    /// A user without a password here cannot log in; one that brings a hash of its own keeps it.
    public func rendered(with logins: BrokerLogins) -> Data {
        var document = document
        document["users"] = .list(
            (document["users"]?.list ?? [])
                .map { user in
                    guard user["password_hash"] == nil, user["password"] == nil else { return user }
                    var user = user
                    let password = user["name"]?.text.flatMap(logins.password)
                    // The broker lets nobody in with an empty hash.
                    user["password_hash"] = .text(password.map { PasswordHash.text(of: $0) } ?? "")
                    user["hashing_algorithm"] = .text("rabbit_password_hashing_sha256")
                    return user
                }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Every case of a JSON value can be written.
        return (try? encoder.encode(document)) ?? Data()
    }

    private mutating func append(_ entry: [String: JSONValue], to name: String) {
        document[name] = .list((document[name]?.list ?? []) + [.object(entry)])
    }
}
