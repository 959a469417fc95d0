import Curl
import Digests
import FoundationEssentials
import OrderEvents
import ServiceKit

/// Posts short texts to a program that passes them on.
///
/// Each request carries the event's id as `Idempotency-Key`, by which a repeat is recognisable, and
/// `X-Signature: t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256, with the shared secret, of the seconds, a dot, and the
/// body as it travels.
struct WebhookTransport: MessageTransport {
    private let client: HTTPClient
    private let url: String
    private let key: HMACKey
    private let body: CompiledTemplate
    private let timeout: Duration
    private let now: @Sendable () -> Timestamp

    var doneNote: String { "Short text handed to the webhook" }
    var addressNeeded: String? { "telephone number" }

    init(
        url: String,
        secret: String,
        body: CompiledTemplate,
        connections: Int,
        timeout: Duration,
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        client = HTTPClient(connections: connections)
        self.url = url
        self.body = body
        self.timeout = timeout
        self.now = now
        key = HMACKey(Array(secret.utf8))
    }

    func send(_ message: CustomerMessage) async throws(TransportError) {
        guard case .address(let phone) = message.recipient, PhoneNumber.isPlausible(phone) else {
            throw TransportError(advice: .giveUp, detail: "the recipient's telephone number cannot be used")
        }
        let body = Array(body.render(Self.values(message, phone)).utf8)
        let request = HTTPRequest(
            "POST",
            url,
            headers: [
                ("Content-Type", "application/json"),
                // Foreign text, so made harmless; a UUID stays as it is.
                ("Idempotency-Key", SafeName.make(from: message.eventID)),
                ("X-Signature", Self.signature(of: body, at: now().seconds, key)),
            ],
            body: body,
            timeout: timeout,
            // Of the answer only the status counts.
            answerLimit: .cut(at: 64 << 10)
        )
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request)
        } catch {
            throw TransportError(error)
        }
        guard !(200...299).contains(response.status) else { return }
        throw TransportError(response, at: now())
    }

    /// What the JSON template may name.
    static func values(_ message: CustomerMessage, _ phone: String) -> [String: String] {
        [
            "event_id": message.eventID, "to": phone, "text": message.text, "language": message.language,
            "user_id": "\(message.userID)", "order_id": message.orderID, "name": message.name ?? "",
        ]
    }

    static func signature(of body: [UInt8], at seconds: UInt64, _ key: HMACKey) -> String {
        let code = key.authenticate(Array("\(seconds).".utf8) + body)
        return "t=\(seconds),v1=\(Hex.text(code))"
    }

    /// Compiles `webhook.json.mustache` and shows that it makes JSON.
    ///
    /// - Parameter directory: Of the templates.
    /// - Returns: The template.
    /// - Throws: ``StartError`` with exit code `settings`, naming the file.
    static func template(in directory: String) throws(StartError) -> CompiledTemplate {
        let path = "\(directory)/webhook.json.mustache"
        let template = try CompiledTemplate(CompiledTemplate.read(path), .json, path: path)
        let nasty = "\"\\\n\u{1}{}[]"
        let sample = CustomerMessage(
            eventID: nasty,
            orderID: nasty,
            userID: 1,
            recipient: .user(1),
            subject: "",
            text: nasty,
            writtenAt: Timestamp(milliseconds: 0)
        )
        let made = template.render(values(sample, "+1 23"))
        guard (try? JSONDecoder().decode(AnyJSON.self, from: Data(made.utf8))) != nil else {
            throw StartError(.settings, "template \(path): does not make JSON")
        }
        return template
    }

    /// Any JSON.
    private struct AnyJSON: Decodable {}
}

extension TransportError {
    /// What a request without an answer means.
    init(_ error: HTTPClientError) {
        // What comes before is the URL, which may hold a token.
        let reason = error.description.components(separatedBy: ": ").last ?? ""
        let detail = "the webhook gave no answer: \(reason)"
        switch error.kind {
        case .unreachable, .notSentInTime: self.init(advice: .retryLater, blame: .transport, detail: detail)
        // Too large: what came before its status was endless.
        case .outcomeUnknown, .tooLarge: self.init(advice: .sendAgain, blame: .transport, detail: detail)
        case .badRequest: self.init(advice: .giveUp, detail: detail)
        }
    }

    /// What an answer beside 2xx means.
    init(_ response: HTTPResponse, at now: Timestamp) {
        let detail = "the webhook answered \(response.status)"
        let wish = response.header("Retry-After").flatMap { RetryAfter.delay($0, from: now) }
        switch response.status {
        // Said before anything was done.
        case 425, 429, 503: self.init(advice: .retryLater, blame: .transport, wish: wish, detail: detail)
        // It may have failed after passing the text on, and a gateway knows nothing of what is behind it.
        case 408, 500...599: self.init(advice: .sendAgain, blame: .transport, wish: wish, detail: detail)
        default: self.init(advice: .giveUp, blame: .answered, detail: detail)
        }
    }
}
