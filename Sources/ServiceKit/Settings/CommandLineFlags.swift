/// The command line, cut into `--key value` pairs.
///
/// Pure. swift-configuration's own command line provider splits values at commas and passes over flags nobody
/// asks for, so the cutting is done here and the result is handed to the reader as one more provider.
struct CommandLineFlags: Sendable, Equatable {
    /// What the arguments ask for besides settings.
    enum Request: Sendable, Equatable {
        case run
        case help
        case version
    }

    /// Values by key as a flag spells it, `http.port` for `--http-port`: a flag cannot tell a dot from a hyphen.
    private(set) var values: [String: String] = [:]
    /// Keys in the order given, for messages in a stable order.
    private(set) var keys: [String] = []
    /// What is wrong with the form of the command line, whatever the keys mean.
    private(set) var problems: [String] = []
    /// `--help` and `--version` win over everything else.
    private(set) var request = Request.run

    /// Cuts the arguments; the program's own name is not among them.
    init(_ arguments: [String]) {
        var rest = arguments[...]
        var position = 0
        while let argument = rest.popFirst() {
            position += 1
            switch argument {
            case "--help", "-h": request = .help
            case "--version": request = request == .help ? .help : .version
            case _ where argument.hasPrefix("--") && argument.count > 2:
                position += take(String(argument.dropFirst(2)), &rest)
            default: problems.append(Self.unexpected(argument, at: position))
            }
        }
    }

    /// The flag that sets a key.
    static func flag(for key: String) -> String {
        "--" + key.replacing(".", with: "-")
    }

    /// A key as it comes back from a flag: `worker.broker.filter` for `worker.broker-filter`.
    static func spelling(of key: String) -> String {
        key.replacing("-", with: ".")
    }

    /// Takes one flag, and the following argument where the value is there; returns how many were taken.
    private mutating func take(_ flag: String, _ rest: inout ArraySlice<String>) -> Int {
        let parts = flag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key = Self.spelling(of: String(parts[0]))
        if parts.count == 2 {
            keep(String(parts[1]), for: key)
            return 0
        }
        guard let next = rest.first, !next.hasPrefix("--") else {
            keep(nil, for: key)
            return 0
        }
        rest = rest.dropFirst()
        keep(next, for: key)
        return 1
    }

    private mutating func keep(_ value: String?, for key: String) {
        if !keys.contains(key) { keys.append(key) }
        guard let value else { return problems.append("\(Self.flag(for: key)): needs a value") }
        if values.updateValue(value, forKey: key) != nil {
            problems.append("\(Self.flag(for: key)): is given more than once")
        }
    }

    /// Names a stray argument; one that looks like an address stays unnamed, for it may hold a password.
    private static func unexpected(_ argument: String, at position: Int) -> String {
        guard !argument.contains(":"), !argument.contains("@") else {
            return "argument \(position): belongs to no flag"
        }
        return "argument \(position): belongs to no flag, \(Quoted.short(argument))"
    }
}
