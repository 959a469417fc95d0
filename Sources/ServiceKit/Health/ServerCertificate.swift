/// The files by which an HTTP server proves who it is, and so answers HTTPS instead of HTTP.
///
/// Only a build with the package trait `TLS` can; any other refuses the settings instead of answering in the open.
public struct ServerCertificate: Hashable, Sendable {
    /// PEM file of the certificate, then of what stands between it and its authority.
    public let certificate: String
    /// PEM file of its key, without a passphrase.
    public let key: String

    /// Names the files; nothing is read yet.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    static let certificateKey = "http.tls.certificate"
    static let keyKey = "http.tls.key"

    /// Reads the two settings, and judges the files, so that a program ends at its start and not at its first client.
    ///
    /// - `http.tls.certificate`: PEM file; default `none`, plain HTTP.
    /// - `http.tls.key`: PEM file of its key, shown nowhere; default `none`.
    ///
    /// - Parameter checklist: Notes what is wrong.
    /// - Returns: nil where neither is set, or one of them is wrong.
    public static func read(_ checklist: inout SettingsChecklist) -> ServerCertificate? {
        let certificate = checklist.file(
            certificateKey,
            shownAs: "none",
            "PEM file of the certificate to answer HTTPS with; needs a build with the trait TLS"
        )
        let key = checklist.file(
            keyKey,
            shownAs: "none",
            secrecy: .secret,
            "PEM file of its key, without a passphrase"
        )
        switch (certificate, key) {
        case (nil, nil): return nil
        case (nil, .some): checklist.refuse(certificateKey, because: "must be set where \(keyKey) is")
        case (.some, nil): checklist.refuse(keyKey, because: "must be set where \(certificateKey) is")
        case (let certificate?, let key?):
            let named = ServerCertificate(certificate: certificate, key: key)
            guard let problem = named.problem() else { return named }
            checklist.refuse(problem.key, because: problem.rule)
        }
        return nil
    }

    /// A setting to change, and what is wrong with the file that it names.
    struct Problem: Equatable, Error {
        let key: String
        let rule: String
    }
}
