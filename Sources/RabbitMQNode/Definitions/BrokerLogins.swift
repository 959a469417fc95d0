import FoundationEssentials
public import SystemPackage

/// Who may log in at a broker of our own, each with a password of its own.
///
/// Passwords are 32 letters and digits, 190 bits, which no URL needs to escape. No description of it shows one.
public struct BrokerLogins: Equatable, Sendable {
    /// The user with every right, for operators and their tools.
    public static let operatorName = "operator"

    private var passwords: [String: String]

    /// Makes random passwords.
    ///
    /// - Parameter users: Whose; the operator has one in any case.
    public init(for users: [String] = []) {
        passwords = [:]
        add(users + [Self.operatorName])
    }

    /// Everybody with a password, sorted.
    public var users: [String] { passwords.keys.sorted() }

    /// The password of a user, a secret; nil for one that is not known.
    public func password(of user: String) -> String? { passwords[user] }

    /// Reads the passwords of a file, and makes and writes those that it has not.
    ///
    /// Only the owner may read the file; the folders above it are created for the owner alone. Two programs must not
    /// do this at once.
    /// - Parameters:
    ///   - file: A JSON object with a password for each name.
    ///   - users: Who must have one; the operator in any case.
    /// - Returns: Everybody in the file now.
    /// - Throws: ``NodeError`` of kind `directory`; the file is then as it was.
    public static func kept(in file: FilePath, for users: [String]) throws(NodeError) -> BrokerLogins {
        let known = try read(file)
        var logins = known ?? BrokerLogins()
        logins.add(users + [operatorName])
        guard logins != known else { return logins }
        do {
            try FileManager.default.createDirectory(
                atPath: file.removingLastComponent().string,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try PrivateFile.write(Array(encoder.encode(logins.passwords)), to: file)
        } catch {
            throw NodeError(.directory, "cannot write \(file): \(error)")
        }
        return logins
    }

    /// Reads the passwords of a file.
    ///
    /// - Returns: Nil where there is no such file.
    /// - Throws: ``NodeError`` of kind `directory` when it cannot be understood.
    public static func read(_ file: FilePath) throws(NodeError) -> BrokerLogins? {
        guard let data = FileManager.default.contents(atPath: file.string) else { return nil }
        guard let passwords = try? JSONDecoder().decode([String: String].self, from: data) else {
            throw NodeError(
                .directory,
                "\(file) is no JSON object of passwords; without it new ones are made"
            )
        }
        var logins = BrokerLogins()
        logins.passwords = passwords
        return logins
    }

    private mutating func add(_ users: [String]) {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for user in users where passwords[user] == nil {
            // The system's generator, which is fit for secrets.
            passwords[user] = String((0..<32).compactMap { _ in letters.randomElement() })
        }
    }
}

extension BrokerLogins: CustomStringConvertible, CustomReflectable {
    /// The names.
    public var description: String { "logins of \(users.joined(separator: ", "))" }
    /// Nothing: a dump shows no password either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
