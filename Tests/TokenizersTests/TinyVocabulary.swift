// A vocabulary small enough to know by heart, for these tests: every byte, a few merges, some added tokens.

import Tokenizers

enum TinyVocabulary {
    /// The characters that stand for the bytes 0…255 (openai/gpt-2, src/encoder.py).
    static let alphabet: [String] = {
        var next: UInt32 = 256
        return (0...255).map { byte in
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
                return String(Unicode.Scalar(UInt8(byte)))
            }
            defer { next += 1 }
            return Unicode.Scalar(next).map(String.init) ?? ""
        }
    }()

    static func written(_ text: String) -> String { text.utf8.map { alphabet[Int($0)] }.joined() }

    /// A definition with all bytes as tokens 0…255, then what the merges make, in order.
    static func definition(merges: [(String, String)] = []) -> TokenizerDefinition {
        var vocabulary = alphabet
        for (left, right) in merges {
            let merged = written(left + right)
            if !vocabulary.contains(merged) { vocabulary.append(merged) }
        }
        return TokenizerDefinition(
            source: "tiny", vocabulary: vocabulary, merges: .listed(merges.map { Merge(written($0.0), written($0.1)) }))
    }

    /// The text of each token, as the vocabulary writes it.
    static func texts(_ tokens: [Int], _ tokenizer: Tokenizer) -> [String] {
        tokens.map { tokenizer.text(of: $0) ?? "?" }
    }
}

/// A small generator with a seed, so that a failure can be seen again (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
