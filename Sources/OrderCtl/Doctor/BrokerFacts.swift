import Curl
import FoundationEssentials
import RabbitMQ

/// What a broker says about itself through its management API.
struct BrokerFacts: Sendable {
    struct Overview: Decodable, Sendable {
        var version: String

        enum CodingKeys: String, CodingKey {
            case version = "rabbitmq_version"
        }
    }

    struct Node: Decodable, Sendable {
        var name: String
        var running: Bool
        var memoryAlarm: Bool?
        var diskAlarm: Bool?
        var partitions: [String]?
        var plugins: [String]?

        enum CodingKeys: String, CodingKey {
            case name, running, partitions
            case memoryAlarm = "mem_alarm"
            case diskAlarm = "disk_free_alarm"
            case plugins = "enabled_plugins"
        }
    }

    struct Queue: Decodable, Sendable {
        var name: String
    }

    struct Permissions: Decodable, Sendable {
        var configure: String
        var write: String
        var read: String
    }

    /// What a user may do on the virtual host.
    struct Login: Decodable, Sendable {
        var user: String
        var configure: String
        var write: String
        var read: String
    }

    var overview: Overview
    var nodes: [Node]
    var queues: [Queue]
    /// Nil where the user has none on the virtual host.
    var permissions: Permissions?
    /// Everybody who may do something on the virtual host.
    var logins: [Login] = []
    /// What the broker's machine takes for the time, as its HTTP answers say.
    var date: String?
}

extension BrokerFacts {
    /// Asks for everything.
    ///
    /// - Throws: ``CommandError`` that says what does not answer, or refuses.
    static func read(_ location: SystemLocation) async throws(CommandError) -> BrokerFacts {
        let endpoint = location.broker.endpoints[0]
        let host = ManagementAPI.escaped(endpoint.virtualHost)
        let http = HTTPClient(connections: 1, authorities: location.broker.security.authorities)
        func get<Value: Decodable>(_ path: String) async throws(CommandError) -> (Value?, String?) {
            let response = try await answer(path, location.management, endpoint, http)
            guard response.status != 404 else { return (nil, response.header("Date")) }
            guard let value = try? JSONDecoder().decode(Value.self, from: Data(response.body)) else {
                throw .failure("the management API's /api/\(path) cannot be understood")
            }
            return (value, response.header("Date"))
        }
        let (overview, date): (Overview?, String?) = try await get("overview")
        let (nodes, _): ([Node]?, String?) = try await get("nodes")
        let (queues, _): ([Queue]?, String?) = try await get("queues/\(host)")
        let user = ManagementAPI.escaped(endpoint.user)
        let (permissions, _): (Permissions?, String?) = try await get("permissions/\(host)/\(user)")
        let (logins, _): ([Login]?, String?) = try await get("vhosts/\(host)/permissions")
        return BrokerFacts(
            overview: overview ?? Overview(version: ""),
            nodes: nodes ?? [],
            queues: queues ?? [],
            permissions: permissions,
            logins: logins ?? [],
            date: date
        )
    }

    private static func answer(
        _ path: String,
        _ url: String,
        _ endpoint: Endpoint,
        _ http: HTTPClient
    ) async throws(CommandError) -> HTTPResponse {
        let request = HTTPRequest(
            "GET",
            "\(url)/api/\(path)",
            login: (endpoint.user, endpoint.password),
            timeout: .seconds(10)
        )
        let response: HTTPResponse
        do {
            response = try await http.send(request)
        } catch {
            throw .unavailable("it does not answer: \(error)")
        }
        switch response.status {
        case 200, 404: return response
        case 401, 403: throw .refused("\(url) refuses the login of \(endpoint.user)")
        default: throw .unavailable("\(url) answers \(response.status)")
        }
    }
}
