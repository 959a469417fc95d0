/// A mail address, with or without a name before it.
struct MailAddress: Equatable, Sendable {
    /// Shown to people; empty where there is none.
    let name: String
    /// `local@domain`.
    let address: String

    /// Wraps parts known to be good.
    init(name: String, address: String) {
        self.name = name
        self.address = address
    }

    /// Reads `local@domain`, and nothing else.
    ///
    /// Refuses whatever a header would read as more than one address: blanks, commas, brackets, quotes, controls,
    /// and what turns the writing direction.
    /// Letters outside ASCII are kept (RFC 6532).
    init?(address: String) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, address.utf8.count <= 254 else {
            return nil
        }
        let forbidden: Set<Unicode.Scalar> = [",", ";", ":", "<", ">", "(", ")", "[", "]", "\"", "\\"]
        let isHarmless = address.unicodeScalars.allSatisfy { scalar in
            !forbidden.contains(scalar) && !scalar.properties.isWhitespace && scalar.value > 0x20
                && !(0x7F...0x9F).contains(scalar.value) && scalar.properties.generalCategory != .format
        }
        guard isHarmless else { return nil }
        self.init(name: "", address: address)
    }

    /// Reads `local@domain` or `Name <local@domain>`, as a setting has it.
    init?(setting: String) {
        guard setting.hasSuffix(">"), let open = setting.lastIndex(of: "<") else {
            self.init(address: setting)
            return
        }
        let inner = String(setting[setting.index(after: open)...].dropLast())
        guard let bare = MailAddress(address: inner) else { return nil }
        var name = setting[..<open]
        while name.last == " " { name = name.dropLast() }
        self.init(name: String(name), address: bare.address)
    }

    /// What stands behind the `@`.
    var domain: String {
        String(address.split(separator: "@").last ?? "localhost")
    }

    /// The address as a header has it; the name in quotes, or encoded where it is not ASCII.
    var header: String {
        guard !name.isEmpty else { return address }
        // First, for what is plain only without its control characters must be in quotes, too.
        let name = HeaderText.cleaned(name)
        let isPlain = name.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) }
        // Within quotes nothing is encoded, yet many a reader decodes it there.
        guard isPlain, !name.contains("=?") else {
            return "\(HeaderText.encoded(name, indent: 10)) <\(address)>"
        }
        let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(quoted)\" <\(address)>"
    }
}
