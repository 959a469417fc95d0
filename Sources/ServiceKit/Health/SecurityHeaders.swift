public import Hummingbird

/// Tells browsers to make nothing more of an answer than it is.
///
/// `nosniff`, no referrer, nothing may be loaded or framed; nothing is kept by caches, since answers are about customers
/// or about a moment. Source: OWASP REST Security Cheat Sheet.
public struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    /// Creates the middleware.
    public init() {}

    /// Adds what the answer does not say itself.
    @concurrent public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in Self.fields where response.headers[field.name] == nil {
            response.headers.append(field)
        }
        return response
    }

    private static var fields: HTTPFields {
        var fields: HTTPFields = [
            .xContentTypeOptions: "nosniff", .cacheControl: "no-store",
            .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        ]
        if let referrerPolicy = HTTPFields.Element.Name("Referrer-Policy") {
            fields[referrerPolicy] = "no-referrer"
        }
        return fields
    }
}
