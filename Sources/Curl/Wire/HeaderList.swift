import CCurl

/// A request's headers as libcurl wants them; freed with this value.
@safe
final class HeaderList {
    private(set) var head: UnsafeMutablePointer<curl_slist>?

    /// - Throws: ``HTTPClientError`` for a header that would break out of its line.
    init(_ headers: [HTTPRequest.Header]) throws(HTTPClientError) {
        // Without "Expect:" libcurl waits up to a second for "100 Continue" before a body over 1 MiB.
        for (name, value) in headers + [("Expect", "")] {
            let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
            guard !line.utf8.contains(where: { $0 < 32 && $0 != 9 }) else {
                throw HTTPClientError(
                    kind: .badRequest,
                    description: "header \(name) holds a control character"
                )
            }
            unsafe head = curl_slist_append(head, line)
        }
    }

    deinit {
        unsafe curl_slist_free_all(head)
    }
}
