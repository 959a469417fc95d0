import Curl
import FoundationEssentials
import Synchronization
import SystemPackage
import UnixSignals

/// Shows an order's journey as it happens, until Ctrl-C.
///
/// Comes back by itself when the order service goes away, and asks for what it missed.
struct JourneyFollower: Sendable {
    /// How a journey is shown.
    enum Style: Sendable {
        /// One table, drawn again in its place.
        case redrawn
        /// One line an entry.
        case lines
        /// One JSON object an entry.
        case json
    }

    /// Longer than the service's silence between two signs of life.
    private static let silence = Duration.seconds(40)
    private static let pause = Duration.seconds(1)

    let url: String
    /// What presents the key, where there is one.
    let authorization: [HTTPRequest.Header]
    let style: Style

    /// Returns when a person has had enough.
    ///
    /// - Throws: ``CommandError`` when the order is gone.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
            }
            group.addTask { try await follow() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func follow() async throws {
        let screen = JourneyScreen(style)
        var isTold = false
        while !Task.isCancelled {
            var headers: [HTTPRequest.Header] = [("Accept", "text/event-stream")] + authorization
            if let last = screen.lastID { headers.append(("Last-Event-ID", last)) }
            let request = HTTPRequest("GET", url, headers: headers, timeout: .seconds(5))
            var reason = "the order service ended the stream"
            do {
                try await HTTPStream(request, silence: Self.silence).read { screen.take($0) }
            } catch {
                reason = error.description
            }
            switch screen.status {
            case 404: throw CommandError.refused("The order is not there any more.")
            case 200: isTold = isTold && !screen.hasNews
            default: break
            }
            guard !Task.isCancelled else { return }
            if !isTold {
                isTold = true
                Console.error("Coming back: \(reason).")
                screen.interrupted()
            }
            try? await Task.sleep(for: Self.pause)
        }
    }
}

/// What a follower has seen, and how it looks.
private final class JourneyScreen: Sendable {
    private struct State {
        var events = ServerSentEvents()
        var journey = PrintedJourney()
        var status = 0
        var hasNews = false
        var drawnLines = 0
    }

    private let state = Mutex(State())
    private let style: JourneyFollower.Style

    init(_ style: JourneyFollower.Style) {
        self.style = style
    }

    var lastID: String? { state.withLock { $0.events.lastID } }
    var status: Int { state.withLock { $0.status } }
    /// Whether the last connection brought anything.
    var hasNews: Bool { state.withLock { $0.hasNews } }

    /// What was drawn stays; the next drawing begins below it.
    func interrupted() {
        state.withLock { $0.drawnLines = 0 }
    }

    /// Takes a part of the stream; false ends it.
    func take(_ part: HTTPStream.Part) -> Bool {
        state.withLock { state in
            switch part {
            case .head(let response):
                state.status = response.status
                state.hasNews = false
                state.events.reconnected()
                if response.status == 200, style == .redrawn { draw(&state) }
                return response.status == 200
            case .bytes(let bytes):
                for event in state.events.take(bytes) where event.name == "journey" {
                    guard let entry = Self.entry(event.data) else { continue }
                    state.hasNews = true
                    state.journey.add(entry)
                    switch style {
                    case .json: Console.line(event.data)
                    case .lines: Console.line(entry.line)
                    case .redrawn: draw(&state)
                    }
                }
                return true
            }
        }
    }

    private func draw(_ state: inout State) {
        // Wrapped lines could not be drawn over.
        let width = SystemSeam.terminalWidth(.standardOutput) ?? .max
        let text = state.journey.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.prefix(width) }.joined(separator: "\n")
        // Up to where the last drawing began, and clear from there.
        let back = state.drawnLines > 0 ? "\u{1B}[\(state.drawnLines)A\u{1B}[J" : ""
        Console.line(back + text)
        state.drawnLines = text.count(where: { $0 == "\n" }) + 1
    }

    private static func entry(_ data: String) -> PrintedJourney.Entry? {
        try? JSONDecoder().decode(PrintedJourney.Entry.self, from: Data(data.utf8))
    }
}
