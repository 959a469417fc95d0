/// What the frames of one turn have brought, those of a message put together.
///
/// Pure; one for each connection. Of a message whose frames come in several turns it keeps what came.
struct Inbox {
    enum Item: Equatable, Sendable {
        case method(channel: UInt16, InboundMethod)
        case content(ContentAssembly.Content)
        /// The broker answered with its own protocol version.
        case protocolHeader
        /// These frames are no message; nothing after them is looked at.
        case failure(RabbitMQError)
    }

    /// What becomes of a message's frames.
    enum Rule: Sendable {
        case taken
        /// On its way when we said goodbye.
        case ignored
        /// Before the login is over there are none.
        case refused
    }

    /// Room for so many is kept from turn to turn.
    private static let usualCount = 1_024

    /// In the order in which they came.
    private(set) var items: [Item] = []
    private var assembly = ContentAssembly()
    private var isBroken = false

    /// Takes one frame.
    mutating func take(_ frame: consuming InboundFrame, _ rule: Rule) {
        guard !isBroken else { return }
        do throws(RabbitMQError) {
            try place(frame, rule)
        } catch {
            fail(error)
        }
    }

    /// What came is no frame: nothing is looked at any more.
    mutating func fail(_ error: RabbitMQError) {
        guard !isBroken else { return }
        isBroken = true
        items.append(.failure(error))
    }

    private mutating func place(_ frame: consuming InboundFrame, _ rule: Rule) throws(RabbitMQError) {
        switch consume frame {
        case .heartbeat: return
        case .protocolHeader: items.append(.protocolHeader)
        case .method(let channel, let method):
            guard method.carriesContent else { return items.append(.method(channel: channel, method)) }
            if try Self.isTaken(rule) { try assembly.begin(method) }
        case .header(_, let size, let properties):
            guard try Self.isTaken(rule) else { return }
            if let content = try assembly.header(size: size, properties) { items.append(.content(content)) }
        case .body(_, let fragment):
            guard try Self.isTaken(rule) else { return }
            if let content = try assembly.body(fragment) { items.append(.content(content)) }
        }
    }

    private static func isTaken(_ rule: Rule) throws(RabbitMQError) -> Bool {
        switch rule {
        case .taken: return true
        case .ignored: return false
        case .refused:
            throw RabbitMQError(.malformed, during: .logIn, "a message arrived before the login was over")
        }
    }

    /// Gives an item away, so that nobody counts its references twice.
    mutating func giveAway(_ index: Int) -> Item {
        var item = Item.protocolHeader
        swap(&item, &items[index])
        return item
    }

    /// Forgets the items of the turn.
    mutating func turnEnded() {
        items.removeAll(keepingCapacity: items.count <= Self.usualCount)
    }
}
