import Configuration
import FoundationEssentials
import Synchronization
import SystemPackage

/// Where settings come from: flags, then environment, then `Config/<program>.yaml`.
///
/// Read once, when the program starts. Nothing is judged here but the form of the file.
public struct SettingsSources: Sendable {
    let program: String
    let flags: CommandLineFlags
    let environment: [String: String]
    /// Path of the YAML file, whether or not it exists.
    let file: String
    /// Every key the file sets, sorted.
    let fileKeys: [String]
    /// Why the file cannot be used; the other sources still are, so that all problems show at once.
    let fileProblem: String?
    let reader: ConfigReader

    /// Reads all sources.
    ///
    /// A missing file is fine. An empty environment variable counts as unset, as Compose files make them.
    ///
    /// - Parameters:
    ///   - program: Name of the executable; names the YAML file.
    ///   - arguments: Command line without the program's own name.
    ///   - environment: Variables of the process; unknown ones are nobody's business.
    public init(program: String, arguments: [String], environment: [String: String]) async {
        self.program = program
        flags = CommandLineFlags(arguments)
        self.environment = environment.filter { !$0.value.isEmpty }
        let directory = flags.values["config.directory"] ?? self.environment["CONFIG_DIRECTORY"] ?? "Config"
        file = "\(directory)/\(program).yaml"
        let yaml = await YAMLFile.read(file)
        fileKeys = yaml.keys
        fileProblem = yaml.problem
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: self.environment)
        ]
        if let provider = yaml.provider { providers.append(provider) }
        reader = ConfigReader(providers: providers)
    }

    /// The text given for a key by the first source that has one; a YAML list is joined with commas.
    func text(for key: String) -> String? {
        if let given = flags.values[CommandLineFlags.spelling(of: key)] { return given }
        let key = ConfigKey(key)
        return reader.string(forKey: key) ?? reader.stringArray(forKey: key)?.joined(separator: ",")
    }

    /// Names the source that decided a key, for messages.
    func origin(of key: String) -> String {
        if flags.values[CommandLineFlags.spelling(of: key)] != nil { return CommandLineFlags.flag(for: key) }
        let variable = Self.variable(for: key)
        return environment[variable] == nil ? file : variable
    }

    /// The environment variable that sets a key: `HTTP_PORT` for `http.port`.
    static func variable(for key: String) -> String {
        key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
    }
}

/// One YAML file, read.
private struct YAMLFile {
    var provider: FileProvider<YAMLSnapshot>?
    var keys: [String] = []
    var problem: String?

    static func read(_ path: String) async -> YAMLFile {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return YAMLFile()
        }
        guard !isDirectory, FileManager.default.isReadableFile(atPath: path) else {
            return YAMLFile(problem: "\(path): cannot be read")
        }
        let seen = SeenKeys()
        // The snapshot asks of every key whether it is secret: the one public place that names them all.
        // Answering yes keeps every value out of the library's own descriptions.
        let options = YAMLSnapshot.ParsingOptions(secretsSpecifier: .dynamic { key, _ in seen.insert(key) })
        do {
            let provider = try await FileProvider<YAMLSnapshot>(
                parsingOptions: options,
                filePath: FilePath(path)
            )
            return YAMLFile(provider: provider, keys: seen.sorted)
        } catch {
            // An empty file, or one of comments only, is as good as none.
            if isBlank(path) { return YAMLFile() }
            return YAMLFile(problem: "\(path): is not sections of `key: value`\(location(of: error))")
        }
    }

    private static func isBlank(_ path: String) -> Bool {
        guard let data = FileManager.default.contents(atPath: path) else { return false }
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.allSatisfy { $0.trimmed.isEmpty || $0.trimmed.hasPrefix("#") }
    }

    /// The line of a syntax error.
    ///
    /// The parser's whole message is not shown: it quotes the line, secrets and all.
    private static func location(of error: any Error) -> String {
        let line = String(describing: error).prefix { $0 != ":" }
        guard let number = Int(line) else { return "" }
        return ", see line \(number)"
    }
}

/// Keys seen while a file is parsed.
private final class SeenKeys: Sendable {
    private let keys = Mutex<Set<String>>([])

    /// Remembers a key; true, so that its value counts as secret.
    func insert(_ key: String) -> Bool {
        keys.withLock { _ = $0.insert(key) }
        return true
    }

    var sorted: [String] { keys.withLock { $0.sorted() } }
}
