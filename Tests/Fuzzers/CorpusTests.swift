import Foundation
import SystemPackage
import TestSupport
import Testing

/// What `Config/fuzz` runs on bytes of its own making, on the inputs that it kept.
@Suite("The fuzzers' kept inputs")
struct CorpusTests {
    @Test("keep every promise", arguments: Fuzzer.all.map(\.name))
    func corpus(name: String) throws {
        let fuzzer = try #require(Fuzzer.all.first { $0.name == name })
        let directory = PackageLayout.root.appending("Tests/Fuzzers/Corpus/\(name)").string
        let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(!files.isEmpty)
        for file in files {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: "\(directory)/\(file)")))
            #expect(throws: Never.self, "\(name)/\(file)") { try fuzzer.body(bytes) }
        }
        try fuzzer.body([])
    }

    @Test("are small enough to be kept with the code")
    func size() throws {
        let directory = PackageLayout.root.appending("Tests/Fuzzers/Corpus").string
        let files = try FileManager.default.subpathsOfDirectory(atPath: directory)
        let sizes = try files.map {
            try FileManager.default.attributesOfItem(atPath: "\(directory)/\($0)")[.size] as? Int ?? 0
        }
        #expect(sizes.reduce(0, +) <= 300 << 10)
    }
}
