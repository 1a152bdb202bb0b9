// The global functions: those of Jinja that chat templates use, and the two that transformers adds.

import Foundation
import OrderedCollections

enum TemplateFunction: String, CaseIterable, Sendable {
    case range
    case dict
    case namespace
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"

    /// Jinja's other global functions, refused when a template is parsed.
    static let leftOut: Set<String> = ["cycler", "joiner", "lipsum"]
}

extension TemplateInterpreter {
    func call(_ function: TemplateFunction, _ arguments: CallArguments) throws(TemplateError) -> Value {
        switch function {
        case .range: return .runtime(.range(try range(arguments)))
        case .dict: return .object(try entries(arguments, of: "dict"))
        case .namespace:
            namespaces.append(try entries(arguments, of: "namespace"))
            return .runtime(.namespace(namespaces.count - 1))
        case .raiseException:
            let message = try arguments.bound(to: ["message"], required: 1, of: "raise_exception", line: line)[0]
            throw .raised(line: line, message: try text(message ?? .null))
        case .strftimeNow:
            let format = try arguments.bound(to: ["format"], required: 1, of: "strftime_now", line: line)[0]
            guard let format = format?.text else { throw invalid("strftime_now", format ?? .null) }
            return .string(formattedTime(format))
        }
    }

    private func range(_ arguments: CallArguments) throws(TemplateError) -> TemplateRange {
        var bounds: [Int] = []
        for value in arguments.positional {
            guard let bound = value.integer else { throw invalid("range", value) }
            bounds.append(bound)
        }
        guard arguments.keyword.isEmpty, (1...3).contains(bounds.count), bounds.count < 3 || bounds[2] != 0 else {
            throw .invalidArgument(
                line: line, function: "range",
                problem: "it takes a stop, a start and a stop, or these and a step not zero")
        }
        let (start, stop) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
        // Bounds so far out are no use to a template, and nearer ones cannot overflow below.
        let sensible = -(1 << 60)...(1 << 60)
        guard bounds.allSatisfy(sensible.contains) else { throw exceeded(.range, limits.range) }
        let range = TemplateRange(start: start, stop: stop, step: bounds.count == 3 ? bounds[2] : 1)
        guard range.count <= limits.range else { throw exceeded(.range, limits.range) }
        return range
    }

    /// The dictionary that Python's `dict(…)` makes of a mapping or of pairs, and of keyword arguments.
    private func entries(_ arguments: CallArguments, of function: String) throws(TemplateError)
        -> OrderedDictionary<Value.Key, Value>
    {
        guard arguments.positional.count <= 1 else {
            throw .invalidArgument(
                line: line, function: function, problem: "it takes at most one argument without a name")
        }
        var entries: OrderedDictionary<Value.Key, Value> = [:]
        if case .object(let given)? = arguments.positional.first {
            entries = given
        } else if let given = arguments.positional.first {
            if given.isUndefined { throw invalid("'\(function)'", given) }
            for pair in try elements(of: given) {
                let parts = try elements(of: pair)
                guard parts.count == 2 else { throw invalid("\(function) of pairs", pair) }
                entries[try key(parts[0])] = parts[1]
            }
        }
        for (name, value) in arguments.keyword { entries[Value.Key(name)] = value }
        return entries
    }

    /// The time of rendering in the C library's `strftime`, as Python formats it.
    private func formattedTime(_ format: String) -> String {
        var seconds = time_t(now.timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        // A space in front tells an empty result from a buffer too small.
        var buffer = [CChar](repeating: 0, count: 64 * (format.utf8.count + 2))
        let length = strftime(&buffer, buffer.count, " " + format, &parts)
        return String(decoding: buffer.prefix(length).dropFirst().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
