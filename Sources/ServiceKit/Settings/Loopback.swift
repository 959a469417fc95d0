/// Addresses that are reached from this machine only.
public enum Loopback {
    /// Whether a host is one of them.
    ///
    /// Pure, so any other name counts as reached from elsewhere, even where it stands for a loopback address.
    ///
    /// - Parameter host: A name or an address, IPv6 without brackets.
    /// - Returns: True for `localhost`, `::1` and `127.0.0.0/8`.
    public static func contains(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.wholeMatch(of: /127(\.[0-9]{1,3}){3}/) != nil
    }
}
