/// Remembers which events a worker was handling alone when it ended.
///
/// Only suspects are written down: events that came back several times. One that began and has not finished when it comes
/// back has ended its worker, since nothing else was in hand. One journal serves all instances of a service.
///
/// Any task. What it throws means that nothing is known: the event is then handled without evidence.
public protocol HandlingJournal: Sendable {
    /// How often handling of the event began without coming to an end; 0 for an event that is not written down.
    func unfinished(_ eventID: String) async throws -> Int

    /// Handling begins.
    ///
    /// On disk before it returns: the process may end at the next instruction.
    func began(_ eventID: String) async throws

    /// Handling has come to an end, whichever; forgets the event.
    ///
    /// Doing it twice, or for an event that is not there, does nothing.
    func finished(_ eventID: String) async throws
}
