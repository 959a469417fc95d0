extension SettingsChecklist {
    /// The text of `--help`: every key that was asked for, with its default and meaning.
    ///
    /// - Parameter summary: What the program does, one sentence.
    /// - Returns: Lines for standard output.
    public func help(summary: String) -> String {
        let flags = declarations.map { CommandLineFlags.flag(for: $0.key) }
        let width = flags.map(\.count).max() ?? 0
        var lines = [
            "\(sources.program): \(summary)", "",
            "Each setting is read from its flag, then from its environment variable",
            "(--http-port is HTTP_PORT), then from \(sources.file), then its default.", "",
        ]
        for (declaration, flag) in zip(declarations, flags) {
            let gap = String(repeating: " ", count: width - flag.count + 2)
            lines.append("  \(flag)\(gap)\(declaration.meaning) [\(declaration.shownDefault)]")
        }
        lines += ["", "  --help, --version", "", "Durations are written 250ms, 5s, 2m, 1h."]
        return lines.joined(separator: "\n") + "\n"
    }
}
