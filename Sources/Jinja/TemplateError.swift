// What can go wrong with a chat template, as data; the wording is in `description` and nowhere else.
// Knows lines and names; it does not know which model or file the template came from.

/// Why a template could not be read or rendered, with the line of the template where it happened.
public enum TemplateError: Error, Equatable, Sendable {
    /// The text is not a template: `met` stands where `expected` should.
    case syntax(line: Int, met: String, expected: String)

    /// A part of Jinja that is left out here on purpose, or that Jinja does not have either. `supported` lists what
    /// may stand in its place.
    case unsupported(line: Int, feature: String, supported: [String])

    /// The template itself called `raise_exception(message)`.
    case raised(line: Int, message: String)

    /// An operation that these operands do not allow; operands are given as type names.
    case invalidOperation(line: Int, operation: String, operands: [String])

    /// A function, filter, test or method was given arguments that it cannot work with.
    case invalidArgument(line: Int, function: String, problem: String)

    /// A value was needed, but `name` has none: it is not in the context, or it lacks the attribute.
    case undefined(line: Int, name: String)

    /// Rendering would exceed a bound that keeps a hostile or endless template in check.
    case limitExceeded(line: Int, limit: Limit, maximum: Int)

    /// The bounds of ``limitExceeded(line:limit:maximum:)``.
    public enum Limit: String, Sendable {
        /// How deep expressions, statements and values nest.
        case nesting
        /// How deep macros call each other while rendering.
        case recursion
        /// Work done in all: expressions evaluated, loop iterations, elements and text handled.
        case steps
        /// UTF-8 bytes of one text or of all text written.
        case text
        /// Elements of one `range()`.
        case range
    }
}

extension TemplateError: CustomStringConvertible {
    /// One sentence or two that a person can act on.
    public var description: String {
        switch self {
        case .syntax(let line, let met, let expected):
            "Chat template, line \(line): met \(met) where \(expected) was expected."
        case .unsupported(let line, let feature, let supported):
            "Chat template, line \(line): \(feature) is not supported"
                + (supported.isEmpty ? "" : ", but \(supported.joined(separator: ", ")) are")
                + ". This template cannot be used: put one that does without into the model's tokenizer_config.json,"
                + " as chat_template, or use another model."
        case .raised(let line, let message):
            "The chat template refuses this conversation (line \(line)): \(message)"
        case .invalidOperation(let line, let operation, let operands):
            "Chat template, line \(line): \(operation) does not work with \(operands.joined(separator: " and "))."
        case .invalidArgument(let line, let function, let problem):
            "Chat template, line \(line): \(function): \(problem)."
        case .undefined(let line, let name):
            "Chat template, line \(line): \(name) is undefined, but its value is needed here."
        case .limitExceeded(let line, let limit, let maximum):
            "Chat template, line \(line): \(Self.meaning(of: limit)) exceeds the bound of \(maximum)."
        }
    }

    private static func meaning(of limit: Limit) -> String {
        switch limit {
        case .nesting: "the nesting of expressions, statements or values"
        case .recursion: "the depth of macro calls"
        case .steps: "the work of rendering (loops, expressions, text), which may never end,"
        case .text: "the size in bytes of the text produced"
        case .range: "the size of a range()"
        }
    }
}
