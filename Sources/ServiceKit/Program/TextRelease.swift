import ServiceLifecycle

/// Gives back the program text that only the start needed, once.
///
/// The kernel maps text in blocks around each page that is touched, and a start touches a little of everything: reading
/// settings, migrating, opening connections. A worker that has nothing to do would keep 25 MB of it. What it goes on
/// using comes back with the first event, within a millisecond.
struct TextRelease: Service {
    /// Long enough for a start with a broker that answers; with another, what is needed comes back as well.
    private static let delay = Duration.seconds(2)

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.delay) }
        SystemCalls.releaseText()
        try? await gracefulShutdown()
    }
}
