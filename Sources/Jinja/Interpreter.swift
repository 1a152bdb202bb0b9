// Renders a parsed template: the state of one rendering, its bounds, and the statements. Expressions, loops, filters
// and the rest are extensions in files of their own.

import Foundation
import OrderedCollections

/// Variables of one block, over those of the blocks around it.
final class Scope {
    var variables: [String: Value]
    private let outer: Scope?

    init(variables: [String: Value] = [:], in outer: Scope?) {
        self.variables = variables
        self.outer = outer
    }

    func value(of name: String) -> Value? {
        var scope: Scope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.outer
        }
        return nil
    }
}

/// One rendering of one template. Values refer to macros, namespaces, loops and generators by their place in the tables
/// here.
final class Interpreter {
    /// How a list of statements ended.
    enum Flow { case normal, breakLoop, continueLoop }

    /// A macro and the variables around its definition.
    struct Closure {
        let macro: Macro
        let scope: Scope
    }

    let limits: Limits
    let now: Date
    var scope: Scope
    /// The line being worked on, for errors.
    var line = 1
    var closures: [Closure] = []
    var namespaces: [[String: Value]] = []
    var loops: [LoopState] = []
    /// The elements of each generator; nil once they were gone through.
    var generators: [[Value]?] = []
    private var output = Text("")
    private var written = 0
    private var steps = 0
    private var depth = 0

    init(context: [String: Value], limits: Limits, now: Date) {
        self.limits = limits
        self.now = now
        scope = Scope(variables: context, in: nil)
    }

    func render(_ statements: [Statement]) throws(TemplateError) -> Text {
        _ = try execute(statements)
        return output
    }
}

// MARK: - Bounds

extension Interpreter {
    func charge(_ work: Int) throws(TemplateError) {
        guard work <= limits.steps - steps else { throw exceeded(.steps, limits.steps) }
        steps += work
    }

    /// Runs one level of recursion.
    func deeper<Result>(_ body: () throws(TemplateError) -> Result) throws(TemplateError) -> Result {
        guard depth < limits.recursion else { throw exceeded(.recursion, limits.recursion) }
        depth += 1
        defer { depth -= 1 }
        return try body()
    }

    /// Lengthens `text`, which is being built, within the bounds.
    func append(_ piece: Text, to text: inout Text) throws(TemplateError) {
        try reserve(text.utf8.count, plus: piece.utf8.count)
        text.append(piece)
    }

    /// Counts the work of going over `text` once.
    func charge(for text: Text) throws(TemplateError) { try charge(1 + text.utf8.count >> 4) }

    /// Refuses to build a text that would be too long.
    func reserve(_ size: Int, plus more: Int = 0) throws(TemplateError) {
        let (total, overflow) = size.addingReportingOverflow(more)
        guard !overflow, total <= limits.textBytes else { throw exceeded(.text, limits.textBytes) }
        try charge(1 + more >> 4)
    }

    /// Refuses a value that nests too deep or holds too much to be printed or compared. Checked where a value gets a
    /// name, without which no loop can make it grow.
    func measure(_ value: Value, depth: Int = 0) throws(TemplateError) {
        guard depth < limits.nesting else { throw exceeded(.nesting, limits.nesting) }
        try charge(1)
        switch value {
        case .array(let elements), .tuple(let elements):
            for element in elements { try measure(element, depth: depth + 1) }
        case .object(let entries):
            for entry in entries.values { try measure(entry, depth: depth + 1) }
        case .runtime(let runtime):
            switch runtime.kind {
            case .view(let elements): for element in elements { try measure(element, depth: depth + 1) }
            case .method(_, let receiver): try measure(receiver, depth: depth + 1)
            default: break
            }
        default: break
        }
    }

    func exceeded(_ limit: TemplateError.Limit, _ maximum: Int) -> TemplateError {
        .limitExceeded(line: line, limit: limit, maximum: maximum)
    }

    func unsupported(_ feature: String, _ supported: String...) -> TemplateError {
        .unsupported(line: line, feature: feature, supported: supported)
    }

    func invalid(_ operation: String, _ operands: Value...) -> TemplateError {
        .invalidOperation(line: line, operation: operation, operands: operands.map(\.typeName))
    }
}

// MARK: - Statements

extension Interpreter {
    func execute(_ statements: [Statement]) throws(TemplateError) -> Flow {
        try deeper { () throws(TemplateError) in
            for statement in statements {
                let flow = try execute(statement)
                if flow != .normal { return flow }
            }
            return .normal
        }
    }

    private func execute(_ statement: Statement) throws(TemplateError) -> Flow {
        try charge(2)
        switch statement {
        case .text(let text): try write(Text(text))
        case .output(let expression): try write(try text(try evaluate(expression)))
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.test).isTruthy { return try execute(branch.body) }
            return try execute(otherwise)
        case .loop(let loop): return try execute(loop)
        case .assign(let target, let expression): try assign(try evaluate(expression), to: target)
        case .capture(let target, let body):
            let (text, flow) = try capture(body)
            guard flow == .normal else { return flow }
            try assign(.string(text), to: target)
        case .macro(let macro):
            closures.append(Closure(macro: macro, scope: scope))
            scope.variables[macro.name] = .runtime(.macro(closures.count - 1))
        case .generation(let body): return try scoped { () throws(TemplateError) in try execute(body) }
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .normal
    }

    private func write(_ text: Text) throws(TemplateError) {
        written += text.utf8.count
        guard written <= limits.textBytes else { throw exceeded(.text, limits.textBytes) }
        output.append(text)
    }

    /// Runs `body` with variables of its own over those of `outer` (the current ones by default).
    func scoped<Result>(
        in outer: Scope? = nil, _ body: () throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let current = scope
        scope = Scope(in: outer ?? current)
        defer { scope = current }
        return try body()
    }

    /// What `body` writes, in place of writing it.
    func capture(_ body: [Statement]) throws(TemplateError) -> (text: Text, flow: Flow) {
        let outer = output
        output = Text("")
        defer { output = outer }
        let flow = try scoped { () throws(TemplateError) in try execute(body) }
        return (output, flow)
    }

    func assign(_ value: Value, to target: Target) throws(TemplateError) {
        switch target {
        case .name(let name):
            try measure(value)
            scope.variables[name] = value
        case .namespaceAttribute(let namespace, let attribute):
            guard case .runtime(let runtime) = scope.value(of: namespace), case .namespace(let index) = runtime.kind
            else { throw invalid("assigning to '\(namespace).\(attribute)'", scope.value(of: namespace) ?? .undefined) }
            try measure(value)
            namespaces[index][attribute] = value
        case .tuple(let names):
            let elements = try elements(of: value)
            guard elements.count == names.count else {
                throw .invalidOperation(
                    line: line, operation: "assigning to \(names.count) names", operands: ["\(elements.count) values"])
            }
            for (name, element) in zip(names, elements) { try assign(element, to: .name(name)) }
        }
    }
}
