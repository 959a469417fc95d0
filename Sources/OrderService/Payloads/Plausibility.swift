/// Tells what may be an address from what cannot be one.
///
/// Only a message that arrives proves an address; this keeps out typing errors and whatever could change the
/// meaning of a mail's header.
enum Plausibility {
    /// One `@` with something before it, and a dotted name after it; no blanks, controls or list characters.
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let domain = parts.last, !local.isEmpty else {
            return false
        }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return local.unicodeScalars.allSatisfy {
            isPrintable($0) && !"()<>[]\\,;:\"".unicodeScalars.contains($0)
        }
            && labels.count >= 2
            && labels.allSatisfy { label in
                !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.unicodeScalars.allSatisfy {
                        $0 == "-" || $0.properties.isAlphabetic || isDigit($0)
                    }
            }
    }

    /// At least five digits, with the signs people write between them.
    static func isPhone(_ text: String) -> Bool {
        let rest = text.hasPrefix("+") ? text.dropFirst() : text[...]
        return rest.unicodeScalars.allSatisfy { isDigit($0) || " -().".unicodeScalars.contains($0) }
            && rest.unicodeScalars.count(where: isDigit) >= 5
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
