// The encoder against transformers' numbers (Tests/Conformance/retrieval/make_golden.py), and folders of other makes.

import Foundation
import LanguageModels
import ModelFiles
import Retrieval
import TestSupport
import Testing

@Suite struct SentenceEncoderTests {
    private let files: TinyEncoderFolder

    init() throws { files = try TinyEncoderFolder() }

    private func encoder() throws -> SentenceEncoder { try SentenceEncoder(directory: files.encoder.path) }

    private func write(_ value: Any, _ name: String) throws {
        try JSONSerialization.data(withJSONObject: value).write(to: files.encoder.appending(path: name))
    }

    private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
        guard a.count == b.count else { return .infinity }
        return zip(a, b).map { abs($0 - $1) }.max() ?? 0
    }

    private static let golden: [(text: String, embedding: [Float])] = [
        ("Kettle sing", [0.489709, -0.099683, -0.445221, 0.169311, 0.334176, 0.464488, -0.168262, -0.40942]),
        ("hi.", [0.304655, -0.102493, -0.483593, 0.088245, 0.521999, 0.452759, -0.034498, -0.419961]),
        ("", [0.45269, -0.199924, -0.130598, -0.019711, 0.23121, 0.562057, 0.017498, -0.606619]),
    ]

    @Test func embeddingsAreThoseOfTheReferenceInTheOrderOfTheTexts() throws {
        let encoder = try encoder()
        #expect(encoder.dimension == 8 && encoder.maximumTokens == 24)
        for (ours, golden) in zip(try encoder.embeddings(of: Self.golden.map(\.text)), Self.golden) {
            #expect(largestDifference(ours, golden.embedding) < 2e-6, "\(golden.text)")
        }
    }

    @Test func aValueThatIsNoNumberIsNamed() throws {
        let weights = files.encoder.appending(path: "model.safetensors")
        let name = "encoder.layer.1.output.LayerNorm.bias"
        try changeWeights(of: weights) { $0[name]?[2] = .infinity }
        #expect(throws: LanguageModelError.notFinite(file: weights.path, name: name)) { try encoder() }
    }

    @Test func aTextThatIsCutIsKnown() throws {
        let encoder = try encoder()
        #expect(!encoder.isCut(String(repeating: "kettle ", count: 22)))
        #expect(encoder.isCut(String(repeating: "kettle ", count: 23)))
    }

    @Test func aBatchChangesNothing() throws {
        let encoder = try encoder()
        // More than one batch, of many lengths, the longest beyond the limit.
        let texts = (0..<70).map { String(repeating: "kettle sing. ", count: $0 * 7 % 12) + "hill \($0)" }
        let together = try encoder.embeddings(of: texts)
        for (place, text) in texts.enumerated() where place % 9 == 0 {
            #expect(largestDifference(together[place], try encoder.embeddings(of: [text])[0]) < 1e-5)
        }
        #expect(largestDifference(together[0], together[1]) > 1e-3)
        #expect(try encoder.embeddings(of: []).isEmpty)
    }

    @Test func whatIsBeyondTheLimitIsNotRead() throws {
        let long = String(repeating: "kettle ", count: 22)
        let embeddings = try encoder().embeddings(of: [long, long + "hill hill", "hill " + long])
        #expect(largestDifference(embeddings[0], embeddings[1]) < 1e-6)
        #expect(largestDifference(embeddings[0], embeddings[2]) > 1e-3)
    }

    @Test func theFolderSaysHowStatesBecomeAVector() throws {
        let mean = try encoder()
        try write(["pooling_mode_cls_token": true], "1_Pooling/config.json")
        let first = try encoder()
        #expect(first.identity != mean.identity)
        #expect(largestDifference(try first.embeddings(of: ["hi."])[0], try mean.embeddings(of: ["hi."])[0]) > 1e-3)
        try write(["pooling_mode": "mean"], "1_Pooling/config.json")
        #expect(try encoder().identity == mean.identity)
        for modes in [["max_tokens"], ["cls_token", "mean_tokens"]] {
            let switches = modes.map { ("pooling_mode_\($0)", true) }
            try write(Dictionary(uniqueKeysWithValues: switches), "1_Pooling/config.json")
            #expect(throws: RetrievalError.self) { try encoder() }
        }
    }

    @Test func aPlainFolderPoolsByTheMeanAndReadsAsFarAsItsPositions() throws {
        let whole = try encoder()
        for name in ["modules.json", "sentence_bert_config.json", "1_Pooling"] {
            try FileManager.default.removeItem(at: files.encoder.appending(path: name))
        }
        let plain = try encoder()
        #expect(plain.maximumTokens == 32)
        #expect(try plain.embeddings(of: ["hi."]) == whole.embeddings(of: ["hi."]))
    }

    @Test func othersAreRefusedWithWhatTheyAre() throws {
        func refusal() -> String {
            do {
                _ = try encoder()
                return "nothing"
            } catch {
                return "\(error)"
            }
        }
        try write(
            [["path": "", "type": "models.Transformer"], ["path": "1", "type": "models.Dense"]], "modules.json")
        #expect(refusal().contains("a module of type Dense"))
        let data = try Data(contentsOf: files.encoder.appending(path: "config.json"))
        let config = try JSONSerialization.jsonObject(with: data)
        let original = try #require(config as? [String: Any])
        for (key, value, words) in [
            ("model_type", "roberta", "model_type = \"roberta\""), ("hidden_act", "gelu_new", "gelu_new"),
            ("position_embedding_type", "relative_key", "relative_key"), ("num_attention_heads", 3, "3 heads"),
            ("num_hidden_layers", 3, "encoder.layer.2"), ("num_hidden_layers", -1, "number of layers is -1"),
            ("vocab_size", 63, "word_embeddings"),
        ] as [(String, Any, String)] {
            try write(original.merging([key: value]) { $1 }, "config.json")
            #expect(refusal().contains(words), "\(refusal())")
        }
    }

    @Test func otherWeightsHaveAnotherName() throws {
        let other = try TinyEncoderFolder(shift: 1)
        #expect(try SentenceEncoder(directory: other.encoder.path).identity != encoder().identity)
        #expect(try SentenceEncoder(directory: files.encoder.path).identity == encoder().identity)
    }
}
