/// Finds TCP ports on 127.0.0.1 that nothing listens on.
public enum FreePort {
    /// Below the kernel's range for outgoing connections (32768…60999), so that none of those takes the port between
    /// the search and its use.
    private static let range: ClosedRange<UInt16> = 20_000...32_000

    /// Whether nothing listens on the port now.
    public static func isFree(_ port: UInt16) -> Bool {
        LoopbackSocket()?.canListen(on: port) ?? false
    }

    /// Returns any free port, for something that listens on it at once.
    ///
    /// - Throws: ``NodeError`` of kind `noPort` after 1 000 taken ones.
    public static func find() throws(NodeError) -> UInt16 {
        try find { isFree($0) }
    }

    /// Returns the wanted port if it is free, any free one otherwise, and keeps it from other searches.
    ///
    /// A broker listens only seconds after its ports were chosen. Until this process ends no other search for the same
    /// user, in any process, gets the port.
    /// - Throws: ``NodeError`` of kind `noPort` after 1 000 taken ones.
    public static func reserve(preferring wanted: UInt16? = nil) throws(NodeError) -> UInt16 {
        if let wanted, isFree(wanted), PortReservation.take(wanted) { return wanted }
        return try find { isFree($0) && PortReservation.take($0) }
    }

    private static func find(where isSuitable: (UInt16) -> Bool) throws(NodeError) -> UInt16 {
        for _ in 0..<1_000 {
            let candidate = UInt16.random(in: range)
            if isSuitable(candidate) { return candidate }
        }
        throw NodeError(.noPort, "no free port between \(range.lowerBound) and \(range.upperBound)")
    }
}
