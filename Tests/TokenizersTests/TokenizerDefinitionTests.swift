// Definitions whose parts contradict each other, and vocabularies out of GGUF metadata.

import Jinja
import Testing
import Tokenizers

@Suite struct TokenizerDefinitionTests {
    private func error(_ change: (inout TokenizerDefinition) -> Void) -> TokenizerError? {
        var definition = TinyVocabulary.definition(merges: [("a", "b")])
        change(&definition)
        return #expect(throws: TokenizerError.self) { try Tokenizer(definition) }
    }

    @Test func contradictionsAreNamed() {
        #expect(error { $0.vocabulary = [] } == .emptyVocabulary(source: "tiny"))
        #expect(
            error { $0.vocabulary.append("ab") }
                == .duplicateToken(source: "tiny", token: "ab", first: 256, second: 257))
        #expect(
            error { $0.addedTokens = [AddedToken(id: 97, content: "b", isSpecial: true)] }
                == .duplicateID(source: "tiny", id: 97, first: "a", second: "b"))
        #expect(
            error { $0.addedTokens = [AddedToken(id: 300, content: "a", isSpecial: true)] }
                == .duplicateToken(source: "tiny", token: "a", first: 97, second: 300))
        #expect(
            error { $0.addedTokens = [AddedToken(id: 1 << 40, content: "x", isSpecial: true)] }
                == .idOutOfRange(source: "tiny", token: "x", id: 1 << 40, limit: 1 << 22))
        #expect(
            error { $0.addedTokens = [AddedToken(id: -1, content: "x", isSpecial: true)] }
                == .idOutOfRange(source: "tiny", token: "x", id: -1, limit: 1 << 22))
        #expect(
            error { $0.merges = .listed([Merge("a", "b"), Merge("a", "cd")]) }
                == .mergeOfUnknownToken(source: "tiny", rank: 1, left: "a", right: "cd", missing: "cd"))
        #expect(
            error { $0.merges = .listed([Merge("a", "b"), Merge("a", "c")]) }
                == .mergeOfUnknownToken(source: "tiny", rank: 1, left: "a", right: "c", missing: "ac"))
        #expect(
            error { $0.eosToken = 999 }
                == .unknownToken(source: "tiny", role: "the end-of-text token", token: "999"))
    }

    @Test func aPatternThatDoesNotCompileIsNamed() throws {
        let error = error {
            $0.preTokenizer.insert(.split(pattern: .regex("(a"), behavior: .isolated, invert: false), at: 0)
        }
        guard case .invalidPattern("tiny", "(a", let reason)? = error else {
            Issue.record("not an invalid pattern: \(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func byteLevelIsTheLastStepAndDecodedAsSuch() {
        let byteLevel = PreTokenizerStep.byteLevel(addsPrefixSpace: false, usesPattern: true)
        #expect(error { $0.preTokenizer = [byteLevel, .digits(individually: true)] }?.part == "pre_tokenizer")
        #expect(error { $0.preTokenizer = [.digits(individually: true)] }?.part == "decoder")
        #expect(error { $0.decoder = [.fuse] }?.part == "decoder")
        #expect(error { $0.decoder = [.byteLevel, .fuse] }?.part == "decoder")
        #expect(
            error {
                $0.preTokenizer = []
                $0.decoder = [.fuse, .byteFallback]
            }?.part == "decoder")
    }

    @Test func aSentenceSaysWhatIsWrong() {
        let error = TokenizerError.duplicateID(source: "m/tokenizer.json", id: 5, first: "a\u{1B}[2J", second: "b")
        #expect(error.description.contains("m/tokenizer.json") && error.description.contains("id 5"))
        #expect(!error.description.unicodeScalars.contains("\u{1B}"))
        let long = TokenizerError.unknownToken(
            source: "f", role: "eos_token", token: String(repeating: "x", count: 10_000))
        #expect(long.description.count < 300)
    }
}

@Suite struct GGUFVocabularyTests {
    private func vocabulary(preTokenizer: String? = "gpt-2") -> GGUFVocabulary {
        GGUFVocabulary(
            source: "tiny.gguf", model: "gpt2", tokens: TinyVocabulary.alphabet + ["ab", "<|end|>", "<tool>"],
            tokenTypes: Array(repeating: 1, count: 257) + [3, 4], merges: ["a b"], preTokenizer: preTokenizer,
            bosToken: 257, eosToken: 257, addsBOS: nil, chatTemplate: "{{ x }}")
    }

    private func error(_ change: (inout GGUFVocabulary) -> Void) -> TokenizerError? {
        var vocabulary = vocabulary()
        change(&vocabulary)
        return #expect(throws: TokenizerError.self) { try Tokenizer(gguf: vocabulary) }
    }

    @Test func metadataMakesATokenizer() throws {
        let tokenizer = try Tokenizer(gguf: vocabulary())
        #expect(tokenizer.vocabularySize == 259)
        #expect(tokenizer.bosToken == 257 && tokenizer.eosToken == 257 && !tokenizer.addsBOS)
        #expect(tokenizer.chatTemplate == "{{ x }}")
        #expect(tokenizer.encode(Text("ab<|end|><tool>")) == [256, 257, 258])
        #expect(Set(tokenizer.encode("ab<|end|><tool>")).isDisjoint(with: [257, 258]))
        #expect(tokenizer.token(for: "<|end|>") == 257 && tokenizer.text(of: 256) == "ab")
    }

    @Test(arguments: [
        ("smollm", ["x", "1", "2", "3", "4", "Ġ", "5"]), ("gpt-2", ["x", "1234", "Ġ5"]),
        ("llama-bpe", ["x", "123", "4", "Ġ", "5"]), ("qwen2", ["x", "1", "2", "3", "4", "Ġ", "5"]),
        ("tekken", ["x", "1", "2", "3", "4", "Ġ", "5"]), ("smaug-bpe", ["x", "123", "4", "Ġ", "5"]),
        ("default", ["x", "123", "4", "Ġ", "5"]),
    ]) func eachFamilyCutsNumbersItsOwnWay(family: String, pieces: [String]) throws {
        var vocabulary = vocabulary(preTokenizer: family)
        // Every longer piece is one token, so that the tokens are the pieces.
        let joins = [("1", "2"), ("12", "3"), ("123", "4"), ("3", "4"), ("Ġ", "5")]
        vocabulary.tokens += joins.map(+)
        vocabulary.tokenTypes += joins.map { _ in 1 }
        vocabulary.merges += joins.map { "\($0) \($1)" }
        let tokenizer = try Tokenizer(gguf: vocabulary)
        #expect(TinyVocabulary.texts(tokenizer.encode("x1234 5"), tokenizer) == pieces)
    }

    /// What Hugging Face tokenizers makes of the pattern.
    @Test func tekkenCutsBeforeCapitals() throws {
        var vocabulary = vocabulary(preTokenizer: "tekken")
        // Pieces that are tokens become them without merges.
        let pieces = ["get", "Http", "Response", "Code", "Ġdon", "'t", "Ġ", "2", "0", "/", "ĠABc"]
        let missing = pieces.filter { !vocabulary.tokens.contains($0) }
        vocabulary.tokens += missing
        vocabulary.tokenTypes += missing.map { _ in 1 }
        let tokenizer = try Tokenizer(gguf: vocabulary)
        let tokens = tokenizer.encode("getHttpResponseCode don't 20/ ABc")
        #expect(TinyVocabulary.texts(tokens, tokenizer) == pieces)
    }

    @Test func llama3BeginsWithAToken() throws {
        #expect(try Tokenizer(gguf: vocabulary(preTokenizer: "llama-bpe")).addsBOS)
    }

    @Test func whatIsNotKnownIsNamed() {
        #expect(error { $0.model = "t5" }?.part == "tokenizer.ggml.model")
        let unknown = error { $0.preTokenizer = "bert" }
        guard case .unsupported("tiny.gguf", "tokenizer.ggml.pre", _, let supported)? = unknown else {
            Issue.record("accepted the pre-tokenizer")
            return
        }
        #expect(supported.contains("smollm"))
        let errors = [
            error { $0.tokenTypes.removeLast() }, error { $0.merges = ["ab"] }, error { $0.merges = ["a b c"] },
            error { $0.merges = [] }, error { $0.model = "llama" },
        ]
        for error in errors {
            guard case .invalidValue("tiny.gguf", _, _)? = error else {
                Issue.record("not an invalid value: \(String(describing: error))")
                continue
            }
        }
    }
}

extension TokenizerError {
    /// The part that a file is refused for.
    var part: String? {
        switch self {
        case .unsupported(_, let part, _, _), .invalidValue(_, let part, _): part
        case .unknownToken(_, let role, _): role
        default: nil
        }
    }
}
