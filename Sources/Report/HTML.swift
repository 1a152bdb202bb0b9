// Markup whose interpolated text is escaped by its type, so that no reply can become markup. Knows no page.

/// A piece of HTML. In a literal, text that is interpolated is escaped and markup is not.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    private(set) var source: String

    init(stringLiteral literal: String) { source = literal }
    init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

    /// Markup that was written by us: a style, a script.
    init(trusted source: String) { self.source = source }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var source = ""

        init(literalCapacity: Int, interpolationCount: Int) {}
        mutating func appendLiteral(_ literal: String) { source += literal }
        mutating func appendInterpolation(_ text: String) { source += HTML.escaped(text) }
        mutating func appendInterpolation(_ number: Int) { source += "\(number)" }
        mutating func appendInterpolation(_ markup: HTML) { source += markup.source }
        mutating func appendInterpolation(_ markup: [HTML]) { source += markup.map(\.source).joined(separator: "\n") }
    }

    /// Text for elements and quoted attributes. Control characters, which HTML does not have, become U+FFFD.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
            }
        }
        return result
    }
}

extension HTML {
    /// A table whose first column names the rows; it scrolls by itself where the page is narrow.
    static func table(caption: HTML, head: [String], rows: [(head: HTML, cells: [HTML])]) -> HTML {
        let columns = head.map { "<th scope=\"col\">\($0)</th>" as HTML }
        let body = rows.map { "<tr><th scope=\"row\">\($0.head)</th>\($0.cells)</tr>" as HTML }
        return """
            <div class="table"><table>
            <caption>\(caption)</caption>
            <thead><tr>\(columns)</tr></thead>
            <tbody>
            \(body)
            </tbody>
            </table></div>
            """
    }

    /// A cell of figures.
    static func cell(_ text: String, note notes: String?..., isStrong: Bool = false) -> HTML {
        let figure: HTML = isStrong ? "<strong>\(text)</strong>" : "\(text)"
        let small: [HTML] = notes.compactMap { note in note.map { "<small>\($0)</small>" } }
        return "<td>\(figure)\(small)</td>"
    }
}
