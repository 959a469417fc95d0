import Foundation
import RabbitMQNode
import SystemPackage

extension BrokerNode {
    /// Waits until a kill no longer loses a new quorum queue.
    ///
    /// RabbitMQ 3.10 confirms messages before it has saved that the queue exists: its registry of Raft members is
    /// written half a second later, and a queue that is missing there has no leader ever after.
    public func waitUntilRegistered(_ queue: String) async throws {
        let directory = node.settings.directory.string + "/mnesia"
        try await eventually("the registry names \(queue)") {
            guard let files = FileManager.default.enumerator(atPath: directory) else { return false }
            for case let file as String in files where file.hasSuffix("names.dets") {
                let data = try Data(contentsOf: URL(filePath: "\(directory)/\(file)"))
                if data.firstRange(of: Data(queue.utf8)) != nil { return true }
            }
            return false
        }
    }
}
