import FoundationEssentials
import RabbitMQNode

/// An authority of a test's own, made with the `openssl` command, that issues certificates both good and bad.
///
/// Everything lies in a directory that goes with the last copy of it and of what it issued.
public struct CertificateAuthority: Sendable {
    /// A certificate and its key, as PEM files.
    public struct Issued: Sendable {
        /// Path of the certificate.
        public let certificate: String
        /// Path of its key, readable by this user only.
        public let key: String
        /// Keeps the files.
        private let directory: TemporaryDirectory

        fileprivate init(_ name: String, in directory: TemporaryDirectory) {
            certificate = directory.text(of: "\(name).pem")
            key = directory.text(of: "\(name).key")
            self.directory = directory
        }
    }

    /// From when to when a certificate holds.
    public enum Validity: String, Sendable {
        /// For some decades around now.
        case current = "20200101000000Z-20991231000000Z"
        /// It ended with 2 January 2021.
        case past = "20200101000000Z-20210102000000Z"
        /// It begins with 3 February 2099.
        case future = "20990203000000Z-20991231000000Z"
    }

    private let directory: TemporaryDirectory

    /// Makes an authority.
    ///
    /// - Parameter name: Its common name.
    /// - Throws: ``NotInTime`` with the command's words.
    public init(_ name: String = "Test Authority") async throws {
        directory = try TemporaryDirectory("authority")
        try Data().write(to: URL(filePath: directory.text(of: "index.txt")))
        try Data(configuration.utf8).write(to: URL(filePath: directory.text(of: "ca.cnf")))
        try await Self.openssl(
            ["req", "-x509", "-days", "3650", "-out", file, "-subj", "/CN=\(name)"]
                + Self.newKey("ca", in: directory)
        )
    }

    /// The authority's own certificate, for those who trust it.
    public var file: String { directory.text(of: "ca.pem") }

    /// Issues a certificate.
    ///
    /// - Parameters:
    ///   - name: Its common name, and that of its files.
    ///   - subjects: Who it is for, as `DNS:localhost` and `IP:127.0.0.1`; empty for a certificate that names nobody.
    ///   - validity: When it holds.
    /// - Returns: Its files.
    /// - Throws: ``NotInTime`` with the command's words.
    public func issue(
        _ name: String,
        for subjects: [String] = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"],
        _ validity: Validity = .current
    ) async throws -> Issued {
        let request = directory.text(of: "\(name).csr")
        let extensions = directory.text(of: "\(name).ext")
        let subjectLine = subjects.isEmpty ? "" : "subjectAltName=\(subjects.joined(separator: ","))\n"
        try Data("basicConstraints=CA:FALSE\n\(subjectLine)".utf8).write(to: URL(filePath: extensions))
        try await Self.openssl(
            ["req", "-new", "-out", request, "-subj", "/CN=\(name)"] + Self.newKey(name, in: directory)
        )
        let issued = Issued(name, in: directory)
        let dates = validity.rawValue.split(separator: "-").map(String.init)
        try await Self.openssl([
            "ca", "-batch", "-notext", "-config", directory.text(of: "ca.cnf"), "-in", request,
            "-out", issued.certificate, "-extfile", extensions, "-startdate", dates[0], "-enddate", dates[1],
        ])
        return issued
    }

    /// Makes a certificate that nobody vouches for.
    public func selfSigned(_ name: String) async throws -> Issued {
        let issued = Issued(name, in: directory)
        try await Self.openssl(
            [
                "req", "-x509", "-days", "10", "-subj", "/CN=\(name)", "-addext",
                "subjectAltName=DNS:localhost",
                "-out", issued.certificate,
            ] + Self.newKey(name, in: directory)
        )
        return issued
    }

    /// A path in the authority's directory, for what a test adds.
    public func path(of name: String) -> String { directory.text(of: name) }

    private var configuration: String {
        """
        [ca]
        default_ca = test
        [test]
        database = \(directory.text(of: "index.txt"))
        new_certs_dir = \(directory.text)
        certificate = \(file)
        private_key = \(directory.text(of: "ca.key"))
        rand_serial = yes
        unique_subject = no
        default_md = sha256
        policy = anybody
        [anybody]
        commonName = supplied

        """
    }

    private static func newKey(_ name: String, in directory: TemporaryDirectory) -> [String] {
        [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            directory.text(of: "\(name).key"),
        ]
    }

    /// Runs the command.
    ///
    /// - Throws: ``NotInTime`` with what it said.
    @discardableResult
    public static func openssl(_ arguments: [String]) async throws -> String {
        let finished = try await ProgramUnderTest.run("/usr/bin/openssl", arguments)
        guard finished.exit == .code(0) else { throw NotInTime(description: finished.error) }
        return finished.output
    }
}
