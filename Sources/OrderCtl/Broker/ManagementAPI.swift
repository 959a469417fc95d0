import Curl
import FoundationEssentials
import RabbitMQ

/// Reads what a broker has through its management API.
struct ManagementAPI: Sendable {
    let url: String
    let endpoint: Endpoint
    /// Longest wait for one answer.
    var patience = Duration.seconds(15)
    private let http: HTTPClient

    init(_ location: SystemLocation) {
        url = location.management
        endpoint = location.broker.endpoints[0]
        http = HTTPClient(connections: 1, authorities: location.broker.security.authorities)
    }

    /// Asks the node that `up` started.
    init(_ url: String, as endpoint: Endpoint, within patience: Duration) {
        self.url = url
        self.patience = patience
        self.endpoint = endpoint
        http = HTTPClient(connections: 1)
    }

    /// Every exchange, queue and binding of the virtual host.
    ///
    /// - Throws: ``CommandError``.
    func objects() async throws(CommandError) -> BrokerObjects {
        BrokerObjects(
            exchanges: try await list("exchanges"),
            queues: try await list("queues"),
            bindings: try await list("bindings")
        )
    }

    /// How many messages each queue of the virtual host has, those in hand of a consumer included; up to 5 s old.
    ///
    /// - Throws: ``CommandError``.
    func depths() async throws(CommandError) -> [String: Int] {
        struct Depth: Decodable {
            var name: String
            var messages: Int?
        }
        let depths: [Depth] = try await list("queues")
        return Dictionary(depths.map { ($0.name, $0.messages ?? 0) }) { max($0, $1) }
    }

    private func list<Element: Decodable>(_ kind: String) async throws(CommandError) -> [Element] {
        let request = HTTPRequest(
            "GET",
            "\(url)/api/\(kind)/\(Self.escaped(endpoint.virtualHost))",
            login: (endpoint.user, endpoint.password),
            timeout: patience
        )
        let response: HTTPResponse
        do {
            response = try await http.send(request)
        } catch {
            throw .unavailable(
                "The broker's management API does not answer; name it with --management-url. \(error)"
            )
        }
        switch response.status {
        case 200: break
        case 401, 403:
            throw .refused("The management API at \(url) refuses the login of \(endpoint.user).")
        default:
            throw .unavailable(
                "The management API at \(url) answered \(response.status) to a list of \(kind)."
            )
        }
        do {
            return try JSONDecoder().decode([Element].self, from: Data(response.body))
        } catch {
            throw .failure("The management API's list of \(kind) cannot be understood: \(error)")
        }
    }

    /// A virtual host in a path: `/` is `%2F`.
    static func escaped(_ name: String) -> String {
        name.utf8
            .map { byte in
                let character = Character(UnicodeScalar(byte))
                let isPlain =
                    character.isASCII
                    && (character.isLetter || character.isNumber || "-._~".contains(character))
                return isPlain
                    ? String(character)
                    : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
            .joined()
    }
}

/// What a broker has, as its management API tells it.
struct BrokerObjects: Sendable {
    struct Exchange: Decodable, Sendable {
        var name: String
        var type: String
        var durable: Bool
        var arguments: [String: ArgumentValue]
    }

    struct Queue: Decodable, Sendable {
        var name: String
        var durable: Bool
        var arguments: [String: ArgumentValue]
    }

    struct Binding: Decodable, Sendable {
        var source: String
        var destination: String
        var destinationKind: String
        var key: String
        var arguments: [String: ArgumentValue]

        enum CodingKeys: String, CodingKey {
            case source
            case destination
            case destinationKind = "destination_type"
            case key = "routing_key"
            case arguments
        }
    }

    var exchanges: [Exchange]
    var queues: [Queue]
    var bindings: [Binding]
}

/// The value of an argument, with its kind: `"20"` is not `20`.
enum ArgumentValue: Equatable, Sendable, Decodable, CustomStringConvertible {
    case number(Int64)
    case text(String)
    case flag(Bool)
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .other
        }
    }

    /// The same value of a declaration.
    init(_ value: FieldValue) {
        if let number = value.integer {
            self = .number(number)
        } else if let text = value.text {
            self = .text(text)
        } else if case .bool(let flag) = value {
            self = .flag(flag)
        } else {
            self = .other
        }
    }

    var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .flag(let flag): "\(flag)"
        case .other: "something else"
        }
    }
}
