import FoundationEssentials
import SystemPackage

/// The files of one private node, below its directory.
struct NodeFiles {
    let settings: NodeSettings

    var home: FilePath { settings.directory }
    var mnesia: FilePath { home.appending("mnesia") }
    var logs: FilePath { home.appending("log") }
    /// Settings of this node alone (ports, paths, limits), read after the shared `rabbitmq.conf`.
    var ownConfiguration: FilePath { home.appending("conf.d") }
    var output: FilePath { logs.appending("output.log") }
    var serverLog: FilePath { logs.appending("rabbit.log") }

    /// Creates the folders, the cookie, and fresh copies of the configuration; data and logs stay.
    func prepare() throws(NodeError) {
        do {
            let files = FileManager.default
            for folder in [home, mnesia, logs, ownConfiguration] {
                try files.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
            }
            for name in ["rabbitmq.conf", "enabled_plugins"] {
                let source = settings.configuration.appending(name)
                let content = try Data(contentsOf: URL(filePath: source.string))
                try content.write(to: URL(filePath: home.appending(name).string), options: .atomic)
            }
            try writeDefinitions()
            try Data(ownSettings.utf8)
                .write(to: URL(filePath: ownConfiguration.appending("50-node.conf").string))
            try writeCookie()
        } catch {
            throw NodeError(.directory, "cannot prepare the broker's directory \(home): \(error)")
        }
    }

    /// The template with hashed passwords, imported at each start of the node.
    private func writeDefinitions() throws {
        var definitions = try BrokerDefinitions(inFolder: settings.configuration)
        for user in settings.furtherUsers { definitions.add(user) }
        let rendered = definitions.rendered(with: settings.logins)
        try PrivateFile.write(Array(rendered), to: home.appending("definitions.json"))
    }

    /// Erlang refuses a cookie that others may read.
    private func writeCookie() throws {
        let cookie = home.appending(".erlang.cookie").string
        guard !FileManager.default.fileExists(atPath: cookie) else { return }
        let secret =
            settings.cluster?.cookie
            ?? String((0..<20).compactMap { _ in "ABCDEFGHIJKLMNOPQRSTUVWXYZ".randomElement() })
        try Data(secret.utf8).write(to: URL(filePath: cookie))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: cookie)
    }

    private var ownSettings: String {
        """
        # Written at each start; what every node shares is in rabbitmq.conf.
        listeners.tcp.default = 127.0.0.1:\(settings.ports.amqp)
        management.tcp.ip = 127.0.0.1
        management.tcp.port = \(settings.ports.management)
        definitions.import_backend = local_filesystem
        definitions.local.path = \(home.appending("definitions.json"))
        # A node for one machine: small limits of its own instead of a share of the machine's.
        disk_free_limit.absolute = 64MB
        vm_memory_high_watermark.absolute = 1GB
        log.file = rabbit.log
        \(settings.cluster?.configuration ?? "")
        """
    }

    /// The whole environment of the node and of its command-line tools; nothing of ours is inherited.
    func environment(path: String) -> [String: String] {
        let ports = settings.ports
        return [
            "PATH": path,
            "LANG": "C.UTF-8",
            "HOME": home.string,
            // The wrapper then replaces itself by the Erlang VM: one process, the one we started.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_NODENAME": settings.nodeName,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": String(ports.amqp),
            "RABBITMQ_DIST_PORT": String(ports.distribution),
            "RABBITMQ_MNESIA_BASE": mnesia.string,
            "RABBITMQ_LOG_BASE": logs.string,
            "RABBITMQ_CONFIG_FILE": home.appending("rabbitmq.conf").string,
            "RABBITMQ_CONFIG_FILES": ownConfiguration.string,
            "RABBITMQ_ADVANCED_CONFIG_FILE": home.appending("advanced.config").string,
            "RABBITMQ_ENABLED_PLUGINS_FILE": home.appending("enabled_plugins").string,
            "RABBITMQ_PID_FILE": home.appending("rabbitmq.pid").string,
            "RABBITMQ_CTL_DIST_PORT_MIN": String(ports.commandLine),
            "RABBITMQ_CTL_DIST_PORT_MAX": String(ports.commandLine),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": String(ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        ]
    }

    /// The last lines of what the node said, for an error message.
    func logTail(lines: Int = 15) -> String {
        let texts = [output, serverLog]
            .compactMap { path in
                try? String(contentsOf: URL(filePath: path.string), encoding: .utf8)
            }
        let tail = texts.flatMap { text in text.split(separator: "\n").suffix(lines) }
        return tail.isEmpty ? "(it wrote no log)" : tail.joined(separator: "\n")
    }
}
