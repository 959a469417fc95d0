import Dispatch
import ServiceKit
import SystemPackage

/// Puts every mail into a maildir as an `.eml` file.
///
/// The file is written under `tmp`, flushed to disk, moved to `new`, and `new` is flushed: a reader never sees half
/// a mail, and a mail that was reported sent survives a power cut. Its name comes from the event id, so a repeat
/// after a crash replaces the first instead of adding a second.
struct FileTransport: MessageTransport {
    var doneNote: String { "Mail written into the maildir" }
    var addressNeeded: String? { nil }

    private let directory: FilePath
    private let text: MailText
    /// Disk writes block, so they stay off the pool that runs everything else.
    private let queue = DispatchQueue(label: "mail-files")

    /// Makes the maildir's three folders where they are missing.
    ///
    /// - Throws: ``StartError`` with exit code `settings` where that is not possible.
    init(directory: String, from: MailAddress) throws(StartError) {
        self.directory = FilePath(directory)
        text = MailText(from: from)
        do {
            try MailFolder.make(self.directory)
        } catch {
            throw StartError(.settings, "notification.directory: cannot make \(directory): \(error)")
        }
    }

    func send(_ message: CustomerMessage) async throws(TransportError) {
        let content = try text.render(message)
        let name = SafeName.make(from: message.eventID) + ".eml"
        let failure: TransportError? = await withCheckedContinuation { continuation in
            queue.async {
                do {
                    try MailFolder.deliver(Array(content.utf8), as: name, in: directory)
                    continuation.resume(returning: nil)
                } catch {
                    let detail = "cannot write the mail: \(error)"
                    let error = TransportError(advice: .retryLater, blame: .transport, detail: detail)
                    continuation.resume(returning: error)
                }
            }
        }
        if let failure { throw failure }
    }
}
