// Runs the tokenizer over texts from standard input, for a reference implementation to compare with.
// Knows no reference: what it writes is what the library gives.

import Foundation
import Tokenizers

/// `tokenize --directory D | --vocabulary F`: one JSON string a line in, one JSON object a line out.
///
/// Out: `plain` and `special` (ids without and with special tokens read from the text), `text` and `withSpecial` (the
/// latter ids decoded without and with special tokens) and `streamed` (decoded token by token). A line that is an array
/// of ids is decoded only.
enum TokenizeProbe {
    struct Usage: Error, CustomStringConvertible {
        var description: String {
            "usage: tokenize --directory FOLDER | --vocabulary GGUF-VOCABULARY.json < texts.jsonl"
        }
    }

    private enum Input: Decodable {
        case text(String)
        case tokens([Int])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .tokens(try container.decode([Int].self))
            }
        }
    }

    private struct Output: Encodable {
        var plain: [Int]?
        var special: [Int]?
        var text: String
        var withSpecial: String
        var streamed: String
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
        var plain: [Int]?
        let tokens: [Int]
        switch input {
        case .text(let text):
            plain = tokenizer.encode(text)
            tokens = tokenizer.encode(text, parsesSpecialTokens: true)
        case .tokens(let given): tokens = given
        }
        var stream = tokenizer.makeStreamDecoder()
        var streamed = tokens.reduce(into: "") { $0 += stream.append($1) }
        streamed += stream.finish()
        return Output(
            plain: plain, special: plain == nil ? nil : tokens, text: tokenizer.decode(tokens),
            withSpecial: tokenizer.decode(tokens, skippingSpecialTokens: false), streamed: streamed)
    }
}
