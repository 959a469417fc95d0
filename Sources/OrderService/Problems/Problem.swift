import Hummingbird
import OrderEvents

/// Why a request was not done, as RFC 9457 tells it.
struct Problem: Error, Hashable, Sendable {
    let status: HTTPResponse.Status
    /// What is wrong with this request in particular; a sentence.
    let detail: String
    /// For 422: every field that is wrong.
    var errors: [FieldProblem] = []
    /// For 405: the methods that work.
    var allow: [HTTPRequest.Method] = []
    /// For 429 and 503: seconds after which to try again.
    var retryAfter: Int?

    static func malformed(_ detail: String) -> Problem {
        Problem(status: .badRequest, detail: detail)
    }

    static let notFound = Problem(status: .notFound, detail: "There is nothing at this path.")

    static let noSuchOrder = Problem(status: .notFound, detail: "There is no order with this id.")

    static func methodNotAllowed(_ allow: [HTTPRequest.Method]) -> Problem {
        let methods = allow.map(\.rawValue).joined(separator: " and ")
        return Problem(status: .methodNotAllowed, detail: "This path answers \(methods) only.", allow: allow)
    }

    static let tooLarge = Problem(
        status: .contentTooLarge,
        detail: "The body is larger than \(OrderRoutes.bodyLimit) bytes."
    )

    static let tooSlow = Problem(status: .requestTimeout, detail: "The body did not arrive in time.")

    static let notJSON = Problem(
        status: .unsupportedMediaType,
        detail: "The body must be application/json in UTF-8, without a content encoding."
    )

    static func invalid(_ errors: [FieldProblem]) -> Problem {
        Problem(
            status: .unprocessableContent,
            detail: "The request is understood, but not valid.",
            errors: errors
        )
    }

    static let keyTaken = invalid([
        FieldProblem(field: "Idempotency-Key", message: "was used before with another order")
    ])

    static let tooManyRequests = Problem(
        status: .tooManyRequests,
        detail: "Too many orders are being accepted at this moment.",
        retryAfter: 1
    )

    static let unauthorized = Problem(
        status: .unauthorized,
        detail: "This call needs a key: Authorization: Bearer <key>."
    )

    static func forbidden(_ scope: APIScope) -> Problem {
        Problem(status: .forbidden, detail: "This key lacks the scope \(scope.rawValue).")
    }

    static func tooOften(after wait: Duration) -> Problem {
        Problem(
            status: .tooManyRequests,
            detail: "More requests than this client may make in a second.",
            retryAfter: max(1, Int((wait / .seconds(1)).rounded(.up)))
        )
    }

    static let outboxFull = Problem(
        status: .serviceUnavailable,
        detail: "Too many events wait for the message broker. Nothing was ordered.",
        retryAfter: 5
    )

    static let tooManyStreams = Problem(
        status: .serviceUnavailable,
        detail: "As many orders are being followed as may be.",
        retryAfter: 5
    )

    static let storageUnavailable = Problem(
        status: .serviceUnavailable,
        detail: "Orders cannot be read or kept at this moment. Nothing was ordered.",
        retryAfter: 1
    )

    static let storageOutcomeUnknown = Problem(
        status: .serviceUnavailable,
        detail: "It is not known whether the order was kept. Send it again with the same Idempotency-Key.",
        retryAfter: 1
    )

    static let unforeseen = Problem(
        status: .internalServerError,
        detail: "A defect of this program; it was logged."
    )
}

extension Problem {
    /// The document: `{"type","title","status","detail"}`, and `errors` for 422.
    var json: [UInt8] {
        var writer = JSONObjectWriter()
        writer.add("type", "about:blank")
        writer.add("title", status.reasonPhrase)
        writer.add("status", number: Int64(status.code))
        writer.add("detail", detail)
        if !errors.isEmpty { writer.add("errors", json: JSONArray.of(errors.map(\.json))) }
        return writer.finish()
    }

    /// The answer with its headers.
    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if !allow.isEmpty { headers[.allow] = allow.map(\.rawValue).joined(separator: ", ") }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json))
        )
    }
}

extension FieldProblem {
    var json: [UInt8] {
        var writer = JSONObjectWriter()
        writer.add("field", field)
        writer.add("message", message)
        return writer.finish()
    }
}

/// Joins values that are JSON already.
enum JSONArray {
    static func of(_ values: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + values.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
