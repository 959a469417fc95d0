extension SettingsChecklist {
    /// Reads the path of a PEM file that need not be named; the word of the default means the same as none.
    mutating func file(
        _ key: String,
        shownAs word: String,
        secrecy: Secrecy = .open,
        _ meaning: String
    ) -> String? {
        value(key, default: nil, shownAs: word, secrecy: secrecy, meaning) { text throws(BrokenRule) in
            if text == word { return nil }
            // A pasted certificate or key is kept out of the message.
            guard !text.contains("-----BEGIN") else {
                throw BrokenRule("must be the path of a PEM file, not its content", showsText: false)
            }
            guard LogText.escaped(text) == text else { throw BrokenRule("must be one line of visible text") }
            return text
        }
    }
}
