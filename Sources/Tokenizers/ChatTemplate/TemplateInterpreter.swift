// Renders a parsed template: the state of one rendering, its bounds, and the statements. Expressions, calls, filters
// and the rest are extensions in files of their own. Knows nothing of chats or models.

import Foundation
import OrderedCollections

/// Variables of one block, over those of the blocks around it.
final class TemplateScope {
    var variables: [String: Value]
    private let outer: TemplateScope?

    init(variables: [String: Value] = [:], in outer: TemplateScope?) {
        self.variables = variables
        self.outer = outer
    }

    func value(of name: String) -> Value? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.outer
        }
        return nil
    }
}

/// One rendering of one template. Values refer to macros, namespaces, loops and lazy sequences by their place in the
/// tables here.
final class TemplateInterpreter {
    /// How a list of statements ended.
    enum Flow { case normal, breakLoop, continueLoop }

    /// A macro and the variables around its definition.
    struct Closure {
        let macro: TemplateMacro
        let scope: TemplateScope
    }

    let limits: TemplateLimits
    let now: Date
    var scope: TemplateScope
    /// The line being worked on, for errors.
    var line = 1
    var closures: [Closure] = []
    var namespaces: [OrderedDictionary<Value.Key, Value>] = []
    var loops: [TemplateLoopState] = []
    var sequences: [TemplateSequence] = []
    private var output = ""
    private var written = 0
    private var steps = 0
    private var depth = 0

    init(context: [String: Value], limits: TemplateLimits, now: Date) {
        self.limits = limits
        self.now = now
        scope = TemplateScope(variables: context, in: nil)
    }

    func render(_ statements: [TemplateStatement]) throws(TemplateError) -> String {
        _ = try execute(statements)
        return output
    }
}

// MARK: - Bounds

extension TemplateInterpreter {
    /// Counts work done.
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
    func append(_ piece: some StringProtocol, to text: inout String) throws(TemplateError) {
        try reserve(text.utf8.count, plus: piece.utf8.count)
        text += piece
    }

    /// Counts the work of going over `text` once.
    func charge(for text: String) throws(TemplateError) { try charge(1 + text.utf8.count >> 4) }

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
            case .view(_, let entries): try measure(.object(entries), depth: depth + 1)
            case .method(let receiver, _): try measure(receiver, depth: depth + 1)
            default: break
            }
        default: break
        }
    }

    func exceeded(_ limit: TemplateError.Limit, _ maximum: Int) -> TemplateError {
        .limitExceeded(line: line, limit: limit, maximum: maximum)
    }

    func invalid(_ operation: String, _ operands: Value...) -> TemplateError {
        .invalidOperation(line: line, operation: operation, operands: operands.map(\.typeName))
    }
}

// MARK: - Statements

extension TemplateInterpreter {
    func execute(_ statements: [TemplateStatement]) throws(TemplateError) -> Flow {
        try deeper { () throws(TemplateError) in
            for statement in statements {
                let flow = try execute(statement)
                if flow != .normal { return flow }
            }
            return .normal
        }
    }

    private func execute(_ statement: TemplateStatement) throws(TemplateError) -> Flow {
        try charge(2)
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression): try write(try text(try evaluate(expression)))
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.test).isTruthy { return try execute(branch.body) }
            return try execute(otherwise)
        case .loop(let loop): return try execute(loop)
        case .assign(let target, let expression): try assign(try evaluate(expression), to: target)
        case .capture(let target, let filters, let body, let line):
            let (text, flow) = try capture(body)
            guard flow == .normal else { return flow }
            self.line = line
            try assign(try apply(filters, to: .string(text)), to: target)
        case .macro(let name, let macro): scope.variables[name] = close(macro)
        case .call(let expression, let caller): try write(try text(try call(expression, caller: close(caller))))
        case .filter(let filters, let body):
            let (text, flow) = try capture(body)
            guard flow == .normal else { return flow }
            try write(try self.text(try apply(filters, to: .string(text))))
        case .with(let bindings, let body): return try execute(bindings, body)
        case .generation(let body): return try scoped { () throws(TemplateError) in try execute(body) }
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .normal
    }

    private func execute(
        _ bindings: [(TemplateTarget, TemplateExpression)], _ body: [TemplateStatement]
    ) throws(TemplateError) -> Flow {
        var values: [Value] = []
        for binding in bindings { values.append(try evaluate(binding.1)) }
        return try scoped { () throws(TemplateError) in
            for (binding, value) in zip(bindings, values) { try assign(value, to: binding.0) }
            return try execute(body)
        }
    }

    private func write(_ text: String) throws(TemplateError) {
        written += text.utf8.count
        guard written <= limits.textBytes else { throw exceeded(.text, limits.textBytes) }
        output += text
    }

    private func close(_ macro: TemplateMacro) -> Value {
        closures.append(Closure(macro: macro, scope: scope))
        return .runtime(.macro(closures.count - 1))
    }

    /// Runs `body` with variables of its own over those of `outer` (the current ones by default).
    func scoped<Result>(
        in outer: TemplateScope? = nil, _ body: () throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let current = scope
        scope = TemplateScope(in: outer ?? current)
        defer { scope = current }
        return try body()
    }

    /// What `body` writes, in place of writing it.
    func capture(_ body: [TemplateStatement]) throws(TemplateError) -> (text: String, flow: Flow) {
        let outer = output
        output = ""
        defer { output = outer }
        let flow = try scoped { () throws(TemplateError) in try execute(body) }
        return (output, flow)
    }

    func assign(_ value: Value, to target: TemplateTarget) throws(TemplateError) {
        switch target {
        case .name(let name):
            try measure(value)
            scope.variables[name] = value
        case .namespaceAttribute(let namespace, let attribute):
            guard case .runtime(let runtime) = scope.value(of: namespace), case .namespace(let index) = runtime.kind
            else { throw invalid("assigning to '\(namespace).\(attribute)'", scope.value(of: namespace) ?? .undefined) }
            try measure(value)
            namespaces[index][Value.Key(attribute)] = value
        case .tuple(let targets):
            let elements = try elements(of: value)
            guard elements.count == targets.count else {
                throw .invalidOperation(
                    line: line, operation: "assigning to \(targets.count) names",
                    operands: ["\(elements.count) values"])
            }
            for (target, element) in zip(targets, elements) { try assign(element, to: target) }
        }
    }
}
