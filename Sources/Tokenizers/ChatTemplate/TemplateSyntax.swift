// The syntax tree of a template. Plain data: the parser makes it, the interpreter walks it.

/// An expression, the line it stands on, and how deep it nests (the parser bounds that).
struct TemplateExpression: Sendable {
    let kind: Kind
    let line: Int
    let depth: Int

    indirect enum Kind: Sendable {
        case literal(Value)
        case name(String)
        case attribute(TemplateExpression, String)
        case item(TemplateExpression, TemplateExpression)
        case slice(TemplateExpression, TemplateSlice)
        case call(TemplateExpression, TemplateArguments)
        case filter(TemplateExpression, TemplateFilterCall)
        case test(TemplateExpression, TemplateTest, TemplateArguments)
        case list([TemplateExpression])
        case tuple([TemplateExpression])
        case dictionary([(key: TemplateExpression, value: TemplateExpression)])
        case negative(TemplateExpression)
        case positive(TemplateExpression)
        case not(TemplateExpression)
        case and(TemplateExpression, TemplateExpression)
        case or(TemplateExpression, TemplateExpression)
        case arithmetic(TemplateArithmetic, TemplateExpression, TemplateExpression)
        case comparison(TemplateExpression, [(TemplateComparison, TemplateExpression)])
        case concatenation([TemplateExpression])
        case conditional(TemplateExpression, test: TemplateExpression, otherwise: TemplateExpression?)
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

/// `[start:stop:step]`, each part optional.
struct TemplateSlice: Sendable {
    let start: TemplateExpression?
    let stop: TemplateExpression?
    let step: TemplateExpression?
}

/// What stands between the parentheses of a call.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var keyword: [(name: String, value: TemplateExpression)] = []
    /// `*list`
    var unpackedList: TemplateExpression?
    /// `**dictionary`
    var unpackedDictionary: TemplateExpression?

    var all: [TemplateExpression] {
        positional + keyword.map(\.value) + [unpackedList, unpackedDictionary].compactMap { $0 }
    }
}

/// One `| name(arguments)`.
struct TemplateFilterCall: Sendable {
    /// The filter; nil for a name that Jinja does not know either, which fails when it is reached.
    let filter: TemplateFilter?
    let name: String
    let arguments: TemplateArguments
    let line: Int
}

enum TemplateArithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
}

enum TemplateComparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
}

/// What an assignment assigns to.
indirect enum TemplateTarget: Sendable {
    case name(String)
    case namespaceAttribute(namespace: String, attribute: String)
    case tuple([TemplateTarget])
}

indirect enum TemplateStatement: Sendable {
    case text(String)
    case output(TemplateExpression)
    case conditional(branches: [(test: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
    case loop(TemplateLoop)
    case assign(TemplateTarget, TemplateExpression)
    /// `{% set name %}…{% endset %}`
    case capture(TemplateTarget, [TemplateFilterCall], [TemplateStatement], line: Int)
    case macro(name: String, TemplateMacro)
    /// `{% call(parameters) macro(…) %}…{% endcall %}`
    case call(TemplateExpression, caller: TemplateMacro)
    case filter([TemplateFilterCall], [TemplateStatement])
    case with([(TemplateTarget, TemplateExpression)], [TemplateStatement])
    /// `{% generation %}…{% endgeneration %}`, by which transformers marks what the assistant said.
    case generation([TemplateStatement])
    case breakLoop
    case continueLoop
}

struct TemplateLoop: Sendable {
    let target: TemplateTarget
    let iterable: TemplateExpression
    /// `for … if condition`
    let condition: TemplateExpression?
    let body: [TemplateStatement]
    let otherwise: [TemplateStatement]
}

struct TemplateMacro: Sendable {
    /// Nil for the body of a call block.
    let name: String?
    let parameters: [(name: String, fallback: TemplateExpression?)]
    let body: [TemplateStatement]
    /// Which of `caller`, `varargs` and `kwargs` the body reads; only those may be passed beyond the parameters.
    let reads: Set<String>
}
