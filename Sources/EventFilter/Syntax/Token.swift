/// One word of an expression.
struct Token {
    enum Kind: Equatable {
        case name(String)
        case number(ExactDecimal)
        case text(String)
        case symbol(Symbol)
        /// Something that no expression has.
        case stray(String)
        case end
    }

    enum Symbol: String, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case and = "&&"
        case or = "||"
        case less = "<"
        case greater = ">"
        case not = "!"
        case open = "("
        case close = ")"
        case openList = "["
        case closeList = "]"
        case comma = ","
        case dot = "."
    }

    let kind: Kind
    /// In characters from 1.
    let column: Int
    /// As it was written.
    let written: String

    /// As a message names it.
    var phrase: String {
        switch kind {
        case .name, .symbol, .stray: FilterError.shown(written)
        case .number: "the number \(FilterError.shown(written))"
        case .text: "the text \(FilterError.shown(written))"
        case .end: "the end"
        }
    }

    /// What people write who mean something else.
    var suggestion: String? {
        switch kind {
        case .stray("="): "did you mean ==?"
        case .stray("&"): "did you mean &&?"
        case .stray("|"): "did you mean ||?"
        case .stray("'"), .stray("`"), .stray("“"), .stray("”"): "text is written in straight double quotes"
        case .stray("-"), .stray("$"), .stray("@"):
            #"other names are written in quotes: headers["x-name"], body["a-b"]"#
        case .name(let name):
            switch name.lowercased() {
            case "and": "did you mean &&?"
            case "or": "did you mean ||?"
            case "not": "did you mean !?"
            case "null", "nil", "none": "whether a field is there is asked with has(field)"
            default: nil
            }
        default: nil
        }
    }
}
