// Adapters that say the same in other ways than ours: PEFT's forms of plain LoRA.

import Foundation
import Lineage
import ModelFiles
import TestSupport
import Testing
import Torch

@testable import LanguageModels

@Suite struct AdapterFormsTests {
    private let files: TinyModelFolder
    private let model: LanguageModel
    private let place: URL
    private let targets: Set<Projection> = [.q, .down]

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
        place = files.folder.appending(path: "adapter")
    }

    /// Random factors of rank 4 by the names that PEFT gives them; `change` returns what takes the place of one.
    private func factors(_ change: (LoRAParameter) throws -> Tensor? = { $0.tensor }) throws -> [NamedTensor] {
        let adapter = try LoRAAdapter(
            LoRAConfiguration(rank: 4, alpha: 8, targets: targets), for: model.decoder.configuration, seed: 3)
        return try adapter.parameters.enumerated().compactMap { place, parameter in
            if parameter.matrix == .b {
                try parameter.tensor.copyInPlace(.randn(parameter.tensor.shape, seed: UInt64(place)))
            }
            return try change(parameter).map {
                NamedTensor(PEFTAdapterFile.tensorName(module: parameter.module, parameter.matrix), $0)
            }
        }
    }

    /// What the model makes of a few tokens with an adapter of this form.
    private func states(
        _ tensors: [NamedTensor], alpha: Double = 8, rsLoRA: Bool = false, ranks: [String: Int] = [:],
        alphas: [String: Double] = [:], settings: [String: Any] = [:]
    ) throws -> [Float] {
        let configuration = PEFTAdapterConfiguration(
            baseModelNameOrPath: nil, r: 4, loraAlpha: alpha, targetModules: targets.map(\.rawValue).sorted(),
            usesRSLoRA: rsLoRA, rankPattern: ranks, alphaPattern: alphas)
        try PEFTAdapterFile.write(
            directory: place.path, configuration: configuration, tensors: tensors.map(\.forFile), metadata: [:])
        let file = place.appending(path: "adapter_config.json")
        let written = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        let changed = try #require(written).merging(settings) { $1 }
        try JSONSerialization.data(withJSONObject: changed).write(to: file)

        let adapter = try LoRAAdapter(directory: place, base: model)
        let layout = try PackedSequences(lengths: [20], for: model.decoder)
        return try noGrad {
            try model.decoder.hiddenStates(
                Tensor(Array(10..<30)), positions_N: layout.positions_N, attention: layout, adapter: adapter
            ).values()
        }
    }

    private func differ(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? .infinity }

    @Test func scalesMayFallWithTheRanksSquareRootOrBeAModulesOwn() throws {
        let plain = try states(factors())
        // 4 / √4 is 8 / 4.
        #expect(try differ(states(factors(), alpha: 4, rsLoRA: true), plain) < 1e-5)
        #expect(try differ(states(factors(), alpha: 4), plain) > 1e-3)
        let doubled = try factors { try $0.matrix == .b && $0.module.hasSuffix("q_proj") ? $0.tensor * 2 : $0.tensor }
        #expect(try differ(states(factors(), alphas: ["q_proj": 16]), states(doubled)) < 1e-5)
        #expect(try differ(states(factors(), alphas: [#"layers\.[01]\..*q_proj"#: 16]), states(doubled)) < 1e-5)
    }

    @Test func modulesMayHaveARankOfTheirOwn() throws {
        let narrow = try factors { parameter in
            guard parameter.module.hasSuffix("down_proj") else { return parameter.tensor }
            return try parameter.tensor.narrow(parameter.matrix == .a ? 0 : 1, start: 0, length: 2).contiguous()
        }
        let halved = try factors { parameter in
            guard parameter.module.hasSuffix("down_proj"), parameter.matrix == .a else { return parameter.tensor }
            let kept = try parameter.tensor.narrow(0, start: 0, length: 2) * 2
            return try Tensor.concatenate([kept, Tensor.zeros([2, parameter.tensor.shape[1]])], dim: 0)
        }
        #expect(try differ(states(narrow, ranks: ["down_proj": 2]), states(halved)) < 1e-5)
    }

    @Test func onlySomeModulesMayBeAdapted() throws {
        let ofLayer1 = try factors { $0.module.contains("layers.1.") ? $0.tensor : nil }
        let others = try factors { try $0.module.contains("layers.1.") ? $0.tensor : $0.tensor * 0 }
        let expected = try states(others)
        for settings: [String: Any] in [
            ["layers_to_transform": [1]], ["target_modules": #".*layers\.1\..*\.(q|down)_proj"#],
            ["exclude_modules": [#"layers.0.self_attn.q_proj"#, "layers.0.mlp.down_proj"]],
        ] { #expect(try differ(states(ofLayer1, settings: settings), expected) == 0) }
        #expect(throws: LanguageModelError.self) { try states(ofLayer1) }
    }

    @Test func aValueThatIsNoNumberIsNamed() throws {
        let name = "model.layers.1.mlp.down_proj"
        let broken = try factors { parameter in
            guard parameter.module == name, parameter.matrix == .b else { return parameter.tensor }
            return try parameter.tensor * Double.nan
        }
        let error = #expect(throws: LanguageModelError.self) { try states(broken) }
        #expect(error?.description.contains("\(name).lora_B.weight") == true)
    }

    @Test func aModuleThatTheModelDoesNotHaveIsNamed() throws {
        let stranger = "model.layers.2.mlp.down_proj"
        let further = try [PEFTAdapterFile.Matrix.a: [4, 64], .b: [32, 4]].map { matrix, shape in
            NamedTensor(PEFTAdapterFile.tensorName(module: stranger, matrix), try .zeros(shape))
        }
        let error = #expect(throws: LanguageModelError.self) { try states(factors() + further) }
        #expect(error?.description.contains(stranger) == true)
    }

    @Test func whereAnAdapterDoesNotLoadIsSaid() {
        func limits(_ rank: Int, _ targets: Set<Projection> = Set(Projection.ofLayer)) -> String? {
            LoRAConfiguration(rank: rank, alpha: 1, targets: targets).limits(on: model.decoder.configuration)
        }
        #expect(limits(512) == nil)
        #expect(limits(513)?.contains("vLLM serves ranks up to 512") == true)
        // The tiny model's head is its embedding.
        let onHead = limits(8, [.q, .head])
        #expect(onHead?.contains("llama.cpp and MLX") == true && onHead?.contains("vLLM") == false)
    }

    @Test func anAdapterOfALargerVocabularyIsRefused() throws {
        let embedding = NamedTensor(
            "base_model.model.model.embed_tokens.weight", try .zeros([TinyModel.vocabularySize + 2, TinyModel.hidden]))
        let error = #expect(throws: LanguageModelError.self) { try states(factors() + [embedding]) }
        #expect(error?.description.contains("resized") == true)
    }
}
