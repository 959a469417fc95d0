/// Collects what a server says about itself while libcurl connects.
///
/// Owning thread only.
final class SMTPGreeting {
    /// What the last answer to EHLO offers, in capitals, without parameters.
    private(set) var keywords: Set<String> = []

    /// One line of a reply, its ending included.
    func append(_ bytes: UnsafeRawBufferPointer) {
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("220") {
            // The greeting, or the beginning of TLS: what was said in the open counts no more.
            keywords = []
        } else if line.hasPrefix("250"), keywords.count < 100 {
            let word = line.dropFirst(4).prefix { !$0.isWhitespace && $0 != "=" }
            keywords.insert(word.uppercased())
        }
    }
}
