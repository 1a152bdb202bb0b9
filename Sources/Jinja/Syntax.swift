// The syntax tree of a template. Plain data: the parser makes it, the interpreter walks it.

/// An expression and the line it stands on.
struct Expression: Sendable {
    let kind: Kind
    let line: Int

    indirect enum Kind: Sendable {
        case literal(Value)
        case name(String)
        case attribute(Expression, String)
        case item(Expression, Expression)
        case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
        case call(Expression, Arguments)
        case filter(Expression, FilterCall)
        case test(Expression, ValueTest, Arguments)
        case list([Expression])
        case tuple([Expression])
        case dictionary([(key: Expression, value: Expression)])
        case negative(Expression)
        case not(Expression)
        case binary(Operator, Expression, Expression)
        case conditional(Expression, test: Expression, otherwise: Expression?)
    }

    /// The expression as an error message names it: its path where it is one.
    var description: String {
        switch kind {
        case .name(let name): "'\(name)'"
        case .attribute(let base, let name): "'\(base.path).\(name)'"
        case .item(let base, _): "an element of '\(base.path)'"
        case .call(let function, _): "the result of \(function.description)"
        default: "a value"
        }
    }

    private var path: String {
        switch kind {
        case .name(let name): name
        case .attribute(let base, let name): "\(base.path).\(name)"
        case .item(let base, _): "\(base.path)[…]"
        case .call(let base, _): "\(base.path)(…)"
        default: "…"
        }
    }
}

/// An operator between two operands.
enum Operator: String, Sendable {
    case or, and
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
    case add = "+"
    case subtract = "-"
    case concatenate = "~"
    case multiply = "*"
    case remainder = "%"

    /// Operators that bind alike, the loosest first. `~` binds tighter than `+`, and `not` stands before the comparisons.
    static let levels: [[Operator]] = [
        [.or], [.and], comparisons, [.add, .subtract], [.concatenate], [.multiply, .remainder],
    ]
    static let comparisons: [Operator] = [
        .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contained, .notContained,
    ]
}

/// What stands between the parentheses of a call.
struct Arguments: Sendable {
    var positional: [Expression] = []
    var keyword: [(name: String, value: Expression)] = []
}

/// One `| name(arguments)`.
struct FilterCall: Sendable {
    let filter: Filter
    let arguments: Arguments
    let line: Int
}

/// What an assignment assigns to.
enum Target: Sendable {
    case name(String)
    case namespaceAttribute(namespace: String, attribute: String)
    case tuple([String])
}

indirect enum Statement: Sendable {
    case text(String)
    case output(Expression)
    case conditional(branches: [(test: Expression, body: [Statement])], otherwise: [Statement])
    case loop(Loop)
    case assign(Target, Expression)
    /// `{% set name %}…{% endset %}`
    case capture(Target, [Statement])
    case macro(Macro)
    /// `{% generation %}…{% endgeneration %}`, by which transformers marks what the assistant said.
    case generation([Statement])
    case breakLoop
    case continueLoop
}

struct Loop: Sendable {
    let target: Target
    let iterable: Expression
    /// `for … if condition`
    let condition: Expression?
    let body: [Statement]
    let otherwise: [Statement]
}

struct Macro: Sendable {
    let name: String
    let parameters: [(name: String, fallback: Expression?)]
    let body: [Statement]
}
