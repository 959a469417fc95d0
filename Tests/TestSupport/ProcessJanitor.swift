import FoundationEssentials
import RabbitMQNode
import SystemPackage

/// Ends what a test run leaves behind, even when the test process itself crashes or is killed.
///
/// A shell beside the test process waits for its end, ends the process groups listed in a file, and removes the
/// directories of the run.
actor ProcessJanitor {
    static let shared = ProcessJanitor()

    private var shell: ChildProcess?
    private var pids: Set<Int32> = []
    private let list = FilePath(FileManager.default.temporaryDirectory.path)
        .appending("order-events-tests-\(ProcessInfo.processInfo.processIdentifier)")

    private static let script = """
        while kill -0 "$1" 2>/dev/null; do sleep 0.3; done
        groups=$(sed -n 's/^group //p' "$2")
        # SIGTERM first: `orderctl up` then ends its own children, which are in other groups.
        for group in $groups; do kill -TERM -- "-$group" 2>/dev/null; done
        tries=0
        while [ $tries -lt 200 ]; do
          alive=
          for group in $groups; do kill -0 -- "-$group" 2>/dev/null && alive=yes; done
          [ -n "$alive" ] || break
          tries=$((tries + 1)); sleep 0.1
        done
        for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
        while read -r kind what; do
          case "$kind" in
            directory)
              # A node whose start was cut short is known by its home only.
              for process in /proc/[0-9]*; do
                tr '\\0' '\\n' 2>/dev/null < "$process/environ" | grep -qxF "HOME=$what" \\
                  && kill -KILL "${process#/proc/}" 2>/dev/null
              done
              rm -rf -- "$what"
              ;;
          esac
        done < "$2"
        rm -f -- "$2"
        """
    private var directories: Set<String> = []

    /// Ends this process group after the test process, unless it is forgotten before.
    func watch(_ pid: Int32) async {
        pids.insert(pid)
        await save()
    }

    /// The process group has ended.
    func forget(_ pid: Int32) async {
        pids.remove(pid)
        await save()
    }

    /// Removes this directory after the test process.
    func removeAtEnd(_ directory: FilePath) async {
        directories.insert(directory.string)
        await save()
    }

    private func save() async {
        let lines = pids.map { "group \($0)\n" } + directories.map { "directory \($0)\n" }
        try? Data(lines.joined().utf8).write(to: URL(filePath: list.string), options: .atomic)
        guard shell == nil else { return }
        let own = String(ProcessInfo.processInfo.processIdentifier)
        let command = ChildCommand(
            executable: "/bin/sh",
            arguments: ["-c", Self.script, "janitor", own, list.string],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        shell = try? await ChildProcess.start(command)
    }
}
