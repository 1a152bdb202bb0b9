// The methods of strings and dictionaries that templates may call. Methods that change their object, as `append`, are
// left out: Jinja's sandbox refuses them too.

import OrderedCollections

enum Method: String, CaseIterable, Sendable {
    case endswith, lower, lstrip, replace, rstrip, split, startswith, strip, upper
    case get, items, keys, values

    static let names = allCases.map(\.rawValue)

    /// The method of that name, where `value` has one.
    init?(_ name: String, of value: Value) {
        guard let method = Method(rawValue: name) else { return nil }
        let isOfDictionaries = [.get, .items, .keys, .values].contains(method)
        switch value {
        case .string where !isOfDictionaries, .object where isOfDictionaries: self = method
        default: return nil
        }
    }
}

extension Interpreter {
    func call(_ method: Method, of receiver: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        switch receiver {
        case .string(let text):
            try charge(for: text)
            return try call(method, ofText: text, arguments)
        case .object(let entries):
            let names = method == .get ? ["key", "default"] : []
            let values = try bind(arguments, names, required: names.isEmpty ? 0 : 1, of: method.rawValue)
            switch method {
            case .get: return values[0]?.text.flatMap { entries[Value.Key($0.string)] } ?? values[1] ?? .null
            case .keys: return .runtime(.view(receiver.elements ?? []))
            case .values: return .runtime(.view(Array(entries.values)))
            default: return .runtime(.view(entries.map { .tuple([.string($0.key.content), $0.value]) }))
            }
        default: throw invalid("the method '\(method.rawValue)'", receiver)
        }
    }

    private func call(_ method: Method, ofText text: Text, _ arguments: CallArguments) throws(TemplateError) -> Value {
        switch method {
        case .startswith, .endswith:
            let affix = try self.text(try bind(arguments, ["affix"], required: 1, of: method.rawValue)[0], of: method)
                .utf8
            return .boolean(
                method == .startswith
                    ? text.utf8.starts(with: affix) : text.utf8.reversed().starts(with: affix.reversed()))
        case .strip, .lstrip, .rstrip:
            let characters = try strippedCharacters(arguments, of: method.rawValue)
            return .string(text.stripped(of: characters, leading: method != .rstrip, trailing: method != .lstrip))
        case .replace:
            let values = try bind(arguments, ["old", "new"], required: 2, of: method.rawValue)
            let (old, new) = (try self.text(values[0], of: method), try self.text(values[1], of: method))
            return .string(try replacing(old, in: text, with: new))
        case .split:
            let values = try bind(arguments, ["sep", "maxsplit"], required: 1, of: method.rawValue)
            let separator = try self.text(values[0], of: method).string
            guard !separator.isEmpty, let limit = (values[1] ?? -1).integer else {
                throw .invalidArgument(
                    line: line, function: method.rawValue, problem: "it needs a text and may be given a number")
            }
            let pieces = text.pieces(around: separator, limit: limit < 0 ? .max : limit)
            try charge(pieces.count)
            return .array(pieces.map(Value.string))
        default:
            _ = try bind(arguments, of: method.rawValue)
            return .string(text.mapped { method == .upper ? $0.uppercased() : $0.pythonLowercased })
        }
    }

    func replacing(_ old: Text, in text: Text, with new: Text) throws(TemplateError) -> Text {
        guard !old.isEmpty else {
            throw unsupported("replacing an empty text", "texts of some length")
        }
        var result = Text("")
        for (index, piece) in text.pieces(around: old.string).enumerated() {
            if index > 0 { try append(new, to: &result) }
            try append(piece, to: &result)
        }
        return result
    }

    /// The characters that an optional argument tells to strip; nil for white space.
    func strippedCharacters(_ arguments: CallArguments, of function: String) throws(TemplateError) -> String? {
        guard let given = try bind(arguments, ["chars"], of: function)[0], given != .null else { return nil }
        guard let text = given.text else { throw invalid(function, given) }
        return text.string
    }

    private func text(_ value: Value?, of method: Method) throws(TemplateError) -> Text {
        guard let text = value?.text else { throw invalid("the method '\(method.rawValue)'", value ?? .null) }
        return text
    }
}
