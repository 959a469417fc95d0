import Curl
import RabbitMQ

extension ManagementAPI {
    /// Deletes a user with all its permissions.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``CommandError``; whether it was deleted is then unknown.
    func deleteUser(_ name: String) async throws(CommandError) -> Bool {
        let request = HTTPRequest(
            "DELETE",
            "\(url)/api/users/\(Self.escaped(name))",
            login: (endpoint.user, endpoint.password),
            timeout: patience
        )
        let response: HTTPResponse
        do {
            response = try await HTTPClient(connections: 1).send(request)
        } catch {
            throw .unavailable("The broker's management API does not answer. \(error)")
        }
        switch response.status {
        case 204: return true
        case 404: return false
        case 401, 403: throw .refused("The management API at \(url) refuses the login of \(endpoint.user).")
        default: throw .unavailable("The management API at \(url) answered \(response.status).")
        }
    }
}
