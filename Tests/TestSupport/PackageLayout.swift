import FoundationEssentials
public import SystemPackage

/// Where the package's files and built programs are, seen from a running test.
public enum PackageLayout {
    /// The package's root: the folder with `Package.swift` above this source file.
    public static let root: FilePath = {
        var folder = FilePath(#filePath)
        while !FileManager.default.fileExists(atPath: folder.appending("Package.swift").string) {
            guard folder.removeLastComponent() else { return FilePath(".") }
        }
        return folder
    }()

    /// The folder with the shipped configuration.
    public static var configuration: FilePath { root.appending("Config") }

    /// The folder with the built programs, which is the test bundle's own.
    public static let programs: FilePath = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return FilePath(link ?? CommandLine.arguments[0]).removingLastComponent()
    }()
}
