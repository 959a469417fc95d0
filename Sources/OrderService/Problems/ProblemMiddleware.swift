import Database
import Hummingbird
import Logging

/// Turns every error into a problem document: the one place where errors of all floors meet HTTP.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = OrderRequestContext

    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let response: Response
        do {
            response = try await next(request, context)
        } catch let problem as Problem {
            response = problem.response
        } catch let error as DatabaseError {
            response = problem(for: error, logger: context.logger).response
        } catch let error as HTTPError where error.status == .notFound {
            // The router found no route: another method on a known path, or no path at all.
            response =
                (RouteTable.methods(at: request.uri.path).map(Problem.methodNotAllowed) ?? .notFound).response
        }
        // An answer to HEAD has the headers and no body.
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func problem(for error: DatabaseError, logger: Logger) -> Problem {
        switch error.kind {
        case .constraint, .misuse:
            logger.error("The database refused a statement", metadata: ["error": "\(error)"])
            return .unforeseen
        case .outcomeUnknown:
            logger.error("It is unknown whether an order was kept", metadata: ["error": "\(error)"])
            return .storageOutcomeUnknown
        case .busy, .full, .readOnly, .corrupt, .unavailable, .closed, .unsupported:
            logger.warning("The database is not usable", metadata: ["error": "\(error)"])
            return .storageUnavailable
        }
    }
}
