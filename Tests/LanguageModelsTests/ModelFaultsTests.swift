// Models that are broken, or that are none: each is refused when it is loaded, by the name of what is wrong.

import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import LanguageModels

@Suite struct ModelFaultsTests {
    private let files: TinyModelFolder
    private var weights: URL { files.model.appending(path: "model.safetensors") }

    init() throws { files = try TinyModelFolder() }

    private func load(_ dtype: DType = .float32) throws -> LanguageModel {
        try LanguageModel(path: files.model.path, dtype: dtype)
    }

    private func refusal(_ dtype: DType = .float32) -> String {
        #expect(throws: LanguageModelError.self) { try load(dtype) }?.description ?? ""
    }

    private func change(_ file: String, _ old: String, _ new: String) throws {
        let place = files.model.appending(path: file)
        let text = try String(contentsOf: place, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: place)
    }

    // MARK: Weights

    @Test(arguments: [Float.nan, .infinity, -.infinity], [DType.float32, .bfloat16])
    func oneValueThatIsNoNumberIsFoundInAnyTensor(value: Float, dtype: DType) throws {
        let names = try SafetensorsFile(path: weights.path).entries.keys.sorted()
        for name in names {
            var old: Float = 0
            var last = 0
            try changeWeights(of: weights) {
                last = ($0[name]?.shape.reduce(1, *) ?? 1) - 1
                old = $0[name]?[last] ?? 0
                $0[name]?[last] = value
            }
            let said = refusal(dtype)
            #expect(said.contains("\"\(name)\"") && said.contains(weights.path) && said.contains("NaN"), "\(said)")
            try changeWeights(of: weights) { $0[name]?[last] = old }
        }
        #expect(try load(dtype).notices.isEmpty)
    }

    @Test func aValueThatTheComputeTypeCannotHoldIsToldAsSuch() throws {
        try changeWeights(of: weights) { $0["model.norm.weight"]?[3] = .greatestFiniteMagnitude }
        let said = refusal(.bfloat16)
        #expect(said.contains("model.norm.weight") && said.contains("too large for bfloat16"), "\(said)")
        _ = try load(.float32)
    }

    @Test(arguments: ["lm_head.bias", "model.norm.bias", "model.layers.1.self_attn.v_proj.bias"])
    func aBiasThatTheConfigurationDoesNotHaveIsNotLeftOut(name: String) throws {
        try changeWeights(of: weights) { $0[name] = ChangedTensor([2], [0, 0]) }
        #expect(refusal().contains(name))
    }

    @Test func aBiasThatTheConfigurationHasIsAskedFor() throws {
        try change("config.json", "\"hidden_act\"", "\"attention_bias\" : true, \"hidden_act\"")
        let said = refusal()
        #expect(said.contains("q_proj.bias") && said.contains("attention_bias"), "\(said)")
    }

    /// bitsandbytes puts bytes in the weight's place, GPTQ whole numbers under another name.
    @Test(arguments: [("weight", ScalarType.uint8), ("qweight", .int32)])
    func quantisedWeightsThatTheConfigurationDoesNotTellOfAreNamedByTheirType(suffix: String, type: ScalarType) throws {
        let module = "model.layers.0.self_attn.q_proj"
        try changeWeights(of: weights) {
            $0["\(module).weight"] = nil
            $0["\(module).\(suffix)"] = ChangedTensor(type, [8, 1], bytes: Data(count: 8 * type.byteCount))
        }
        let said = refusal()
        #expect(said.contains("\(module).\(suffix)") && said.contains(type.rawValue), "\(said)")
        #expect(said.contains("quantised") && said.contains("GGUF"), "\(said)")
    }

    // MARK: Tokens and rows

    private func write(rows: Int) throws { try TinyModel.write(to: files.model, seed: 1, rows: rows) }

    private func add(token: String, special: Bool) throws {
        try change(
            "tokenizer.json", "\"added_tokens\" : [",
            "\"added_tokens\" : [ {\"id\": 258, \"content\": \"\(token)\", \"special\": \(special)},")
    }

    @Test func aTokenOfTheTemplateWithoutARowIsRefused() throws {
        try write(rows: 257)
        let said = refusal()
        #expect(said.contains("<|im_end|>") && said.contains("257") && said.contains("model.embed_tokens.weight"))
    }

    @Test func aTokenThatTextMayBecomeNeedsARow() throws {
        try add(token: "<more>", special: false)
        let said = refusal()
        #expect(said.contains("\"<more>\" has id 258") && said.contains("ends with row 257"), "\(said)")
        try write(rows: 259)
        try add(token: "<more>", special: false)
        _ = try load()
    }

    @Test func aControlTokenThatNothingUsesMayLackARowAndIsTold() throws {
        try add(token: "<|picture|>", special: true)
        let model = try load()
        #expect(model.notices.count == 1 && model.notices[0].contains("<|picture|> (258)"))
        let read = try model.promptTokens([ChatMessage(role: "user", content: "a <|picture|> b")])
        #expect(read.allSatisfy { $0 < 258 })
    }

    @Test func aTokenizerOfAnotherModelIsRefused() throws {
        try write(rows: 2000)
        #expect(refusal().contains("258 tokens and the embedding 2000 rows"))
        try write(rows: 1000)
        #expect(try load().padding_V != nil)
    }

    @Test func anEndOfRepliesBeyondTheRowsIsRefused() throws {
        try Data("{\"eos_token_id\": [257, 9000]}".utf8)
            .write(to: files.model.appending(path: "generation_config.json"))
        let said = refusal()
        #expect(said.contains("token 9000") && said.contains("eos_token_id"), "\(said)")
    }

    // MARK: Places that hold something else

    private func place(_ names: String...) throws -> String {
        let folder = files.folder.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in names {
            name.hasSuffix("/")
                ? try FileManager.default.createDirectory(
                    at: folder.appending(path: name), withIntermediateDirectories: true)
                : try Data("{}".utf8).write(to: folder.appending(path: name))
        }
        return folder.path
    }

    private func refusal(of path: String) -> String {
        #expect(throws: LanguageModelError.self) { try LanguageModel(path: path, dtype: .float32) }?.description ?? ""
    }

    @Test func aPlaceWithoutAModelSaysWhatIsThere() throws {
        #expect(refusal(of: try place("adapter_config.json", "adapter_model.safetensors")).contains("--adapter"))
        let ggufs = try place("b.gguf", "a.gguf", "README.md")
        #expect(refusal(of: ggufs).contains("\(ggufs)/a.gguf"))
        #expect(refusal(of: try place("snapshots/", "refs/")).contains("snapshots"))
        #expect(refusal(of: try place("params.json", "consolidated.safetensors")).contains("format"))
        #expect(refusal(of: try place("tokenizer.json")).contains("no config.json"))
        #expect(refusal(of: weights.path).contains("name its folder, \(files.model.path)"))
        #expect(refusal(of: files.folder.path + "/nothing").contains("nothing there"))
    }

    @Test func aPointerOfGitLFSIsNoModel() throws {
        let text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 12345\n"
        try Data(text.utf8).write(to: weights)
        let gguf = files.folder.appending(path: "model.gguf")
        try Data(text.utf8).write(to: gguf)
        for (path, file) in [(files.model.path, weights.path), (gguf.path, gguf.path)] {
            #expect(throws: ModelFileError.pointer(file: file)) { try LanguageModel(path: path, dtype: .float32) }
        }
    }
}
