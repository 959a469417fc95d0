import FoundationEssentials
public import SystemPackage

/// A directory that is removed with everything in it when the last reference goes.
public final class TemporaryDirectory: Sendable {
    /// Where it is; absolute.
    public let path: FilePath

    /// Creates an empty directory, readable by this user only.
    ///
    /// - Parameters:
    ///   - name: What its name begins with.
    ///   - place: Where; the system's temporary directory where nil.
    /// - Throws: Where it cannot be made.
    public init(_ name: String = "order-events", in place: FilePath? = nil) throws {
        let place = place ?? FilePath(FileManager.default.temporaryDirectory.path)
        let path = place.appending("\(name)-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(
            atPath: path.string,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        self.path = path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// The path of something in it.
    public func appending(_ name: String) -> FilePath {
        path.appending(name)
    }

    /// Its path as text.
    public var text: String { path.string }

    /// The path of something in it, as text.
    public func text(of name: String) -> String {
        appending(name).string
    }
}
