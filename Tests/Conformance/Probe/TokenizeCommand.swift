// Runs the tokenizer over texts from standard input, for a reference implementation to compare with.
// Knows no reference: what it writes is what the library gives.

import Foundation
import Jinja
import Tokenizers

/// `tokenize --directory D | --vocabulary F`: one JSON string a line in, one JSON object a line out.
///
/// Out: `special` (ids with special tokens read from the text), `text` and `withSpecial` (these ids decoded without and with
/// special tokens) and `streamed` (decoded token by token). A line that is an array of ids is decoded only. For an array of
/// texts, of which every second one is given to the template that the others are: `apart` (ids).
enum TokenizeProbe {
    struct Usage: Error, CustomStringConvertible {
        var description: String {
            "usage: tokenize --directory FOLDER | --vocabulary GGUF-VOCABULARY.json < texts.jsonl"
        }
    }

    private enum Input: Decodable {
        case text(String)
        case tokens([Int])
        case pieces([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let pieces = try? container.decode([String].self), !pieces.isEmpty {
                self = .pieces(pieces)
            } else {
                self = .tokens(try container.decode([Int].self))
            }
        }
    }

    private struct Output: Encodable {
        var special: [Int]?
        var apart: [Int]?
        var text: String?
        var withSpecial: String?
        var streamed: String?
    }

    static func run(arguments: [String]) throws {
        let tokenizer = try tokenizer(arguments)
        while let line = readLine() {
            let output = try output(JSONDecoder().decode(Input.self, from: Data(line.utf8)), tokenizer)
            var data = try JSONEncoder().encode(output)
            data.append(UInt8(ascii: "\n"))
            try FileHandle.standardOutput.write(contentsOf: data)
        }
    }

    private static func tokenizer(_ arguments: [String]) throws -> Tokenizer {
        guard arguments.count == 2 else { throw Usage() }
        let url = URL(filePath: arguments[1])
        switch arguments[0] {
        case "--directory": return try Tokenizer(directory: url)
        case "--vocabulary":
            return try Tokenizer(gguf: JSONDecoder().decode(GGUFVocabulary.self, from: Data(contentsOf: url)))
        default: throw Usage()
        }
    }

    private static func output(_ input: Input, _ tokenizer: Tokenizer) -> Output {
        var output = Output()
        let tokens: [Int]
        switch input {
        case .text(let text):
            tokens = tokenizer.encode(Text(text))
            output.special = tokens
        case .tokens(let given): tokens = given
        case .pieces(let pieces):
            var text = Text("")
            for (place, piece) in pieces.enumerated() {
                text.append(place.isMultiple(of: 2) ? Text(piece) : Text(given: piece))
            }
            return Output(apart: tokenizer.encode(text))
        }
        var stream = tokenizer.makeStreamDecoder()
        var streamed = tokens.reduce(into: "") { $0 += stream.append($1) }
        streamed += stream.finish()
        (output.text, output.streamed) = (tokenizer.decode(tokens), streamed)
        output.withSpecial = tokenizer.decode(tokens, skippingSpecialTokens: false)
        return output
    }
}
