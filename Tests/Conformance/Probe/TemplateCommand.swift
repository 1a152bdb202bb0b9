// `template`: renders templates for the comparison with Jinja2. Reads one JSON object a line, {"template": text,
// "context": {name: value}, "now": seconds}, and writes one a line, {"output": text} or {"error": text}, with "unsupported" beside it where the error is that.
// Values carry their Python type, which plain JSON loses: {"i": 1}, {"d": "1.0"}, {"o": [[key, value], …]} and so on.

import Foundation
import OrderedCollections
import Jinja

enum TemplateProbe {
    private struct Request: Decodable {
        let template: String
        let context: [String: TypedValue]
        let now: Double
    }

    private struct Reply: Encodable {
        var output: String?
        var error: String?
        /// What of Jinja the template needs that is left out here.
        var unsupported: String?
    }

    static func run(arguments: [String]) throws {
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        while let line = readLine() {
            let request = try decoder.decode(Request.self, from: Data(line.utf8))
            var reply = Reply()
            do throws(TemplateError) {
                let template = try Template(request.template)
                let context = request.context.mapValues(\.value)
                reply.output = try template.render(context, now: Date(timeIntervalSince1970: request.now)).string
            } catch {
                reply.error = error.description
                if case .unsupported(_, let feature, _) = error { reply.unsupported = feature }
            }
            FileHandle.standardOutput.write(try encoder.encode(reply) + Data("\n".utf8))
        }
    }
}

/// A value with its Python type beside it.
private struct TypedValue: Decodable {
    let value: Value

    private enum Kind: String, CodingKey {
        case none = "n"
        case boolean = "b"
        case int = "i"
        case double = "d"
        case string = "s"
        case list = "l"
        case tuple = "t"
        case object = "o"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        switch container.allKeys.first {
        case .boolean: value = .boolean(try container.decode(Bool.self, forKey: .boolean))
        case .int: value = .int(try container.decode(Int.self, forKey: .int))
        case .double: value = .double(Double(try container.decode(String.self, forKey: .double)) ?? .nan)
        case .string: value = .string(Text(try container.decode(String.self, forKey: .string)))
        case .list: value = .array(try container.decode([TypedValue].self, forKey: .list).map(\.value))
        case .tuple: value = .tuple(try container.decode([TypedValue].self, forKey: .tuple).map(\.value))
        case .object:
            let pairs = try container.decode([[TypedValue]].self, forKey: .object)
            value = .object(
                OrderedDictionary(
                    try pairs.map { pair in
                        guard case .string(let key) = pair[0].value else {
                            throw DecodingError.dataCorruptedError(
                                forKey: .object, in: container, debugDescription: "a key is no text")
                        }
                        return (Value.Key(key.string), pair[1].value)
                    },
                    uniquingKeysWith: { $1 }))
        default: value = .null
        }
    }
}
