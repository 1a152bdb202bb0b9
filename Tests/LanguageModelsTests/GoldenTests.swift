// A tiny model of every family against what transformers and peft computed with it: packed, cached and adapted passes, and an
// adapter's gradients. Tests/Conformance/models/golden.py made the files in Golden/, which hold a configuration and results;
// both sides draw the weights from the tensors' names.

import Foundation
import Lineage
import ModelFiles
import Testing
import Torch

@testable import LanguageModels

/// One family's file.
final class Golden {
    struct Results: Decodable {
        let tensors: [String: [Int]]
        let ids: [Int]
        /// Logits [tokens, vocabulary] of the base model, and with the adapter.
        let logits, adapted: [Float]
        /// The first element and the norm of each factor's gradient of Σ adapted².
        let gradients: [String: [Float]]
    }

    static let families = ["llama", "mistral", "qwen2", "qwen3", "gemma3"]

    let results: Results
    let config: [String: Any]
    let folder: URL

    init(_ family: String) throws {
        let file = try #require(Bundle.module.url(forResource: "Golden/\(family)", withExtension: "json"))
        let data = try Data(contentsOf: file)
        results = try JSONDecoder().decode(Results.self, from: data)
        let whole = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        config = try #require(whole["config"] as? [String: Any])
        folder = FileManager.default.temporaryDirectory.appending(path: "golden-\(UUID().uuidString)")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The model's folder, written with another configuration or other names where they are given.
    func decoder(
        config: [String: Any]? = nil, leaving left: String? = nil, adding added: [String: [Int]] = [:],
        naming: (String) -> String = { $0 }
    ) throws -> Decoder {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let settings = try JSONSerialization.data(withJSONObject: config ?? self.config)
        try settings.write(to: folder.appending(path: "config.json"))
        let all = results.tensors.merging(added) { $1 }.filter { $0.key != left }
        let tensors = all.map { name, shape in
            let values = weights(name, shape)
            return SafetensorsWriter.Tensor(name: naming(name), type: .float32, shape: shape) { write in
                try values.withUnsafeBytes(write)
            }
        }
        try SafetensorsWriter.write(
            to: folder.appending(path: "model.safetensors").path, metadata: [:], tensors: tensors)
        return try Decoder(path: folder.path, dtype: .float32)
    }

    func weights(_ name: String, _ shape: [Int]) -> [Float] {
        let isPlainNorm = name.hasSuffix("norm.weight") && config["model_type"] as? String != "gemma3_text"
        return Golden.drawn(name, shape.reduce(1, *)).map { isPlainNorm ? $0 + 1 : $0 }
    }

    /// Numbers between -1/2 and 1/2 that follow from a name: SplitMix64 from its FNV-1a hash, the upper 24 bits of each.
    static func drawn(_ name: String, _ count: Int) -> [Float] {
        var state = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Float((z ^ (z >> 31)) >> 40) / 16_777_216 - 0.5
        }
    }

    /// The adapter of the file.
    func adapter(_ decoder: Decoder) throws -> LoRAAdapter {
        let targets = Set(Projection.ofLayer)
        let adapter = try LoRAAdapter(
            LoRAConfiguration(rank: 2, alpha: 3, targets: targets), for: decoder.configuration, seed: 1)
        for parameter in adapter.parameters {
            let shape = parameter.tensor.shape
            try parameter.tensor.copyInPlace(
                Tensor(Golden.drawn(parameter.name, shape.reduce(1, *)), shape: shape, device: decoder.device))
            try parameter.tensor.setRequiresGrad(true)
        }
        return adapter
    }
}

@Suite struct GoldenTests {
    private static let bound: Float = 1e-4

    private func difference(_ logits: Tensor, _ golden: ArraySlice<Float>) throws -> Float {
        let values: [Float] = try logits.values()
        #expect(values.count == golden.count)
        return zip(values, golden).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test(arguments: Golden.families)
    func packedLogitsAreThoseOfTransformers(family: String) throws {
        let golden = try Golden(family)
        let decoder = try golden.decoder()
        let ids = golden.results.ids
        // Each by itself, and both after what they begin with.
        for prefix in [0, 6] {
            let rows = [ids, Array(ids.prefix(9))]
            let layout = try PackedSequences(
                lengths: rows.map { $0.count - prefix }, prefix: prefix, padding: 2, for: decoder)
            let packed = Array(ids.prefix(prefix)) + rows.flatMap { $0.dropFirst(prefix) } + [0, 0]
            let logits = try noGrad {
                try decoder.logits(
                    decoder.hiddenStates(Tensor(packed), positions_N: layout.positions_N, attention: layout))
            }
            let first = try logits.narrow(0, start: 0, length: ids.count)
            #expect(try difference(first, golden.results.logits[...]) < GoldenTests.bound)
            let second = try logits.narrow(0, start: ids.count, length: 9 - prefix)
            let width = decoder.configuration.vocabularySize
            let expected = golden.results.logits[(prefix * width)..<(9 * width)]
            #expect(try difference(second, expected) < GoldenTests.bound)
        }
    }

    /// A prefix longer than a window, rows of one token and of several, and one row that begins without a prefix.
    @Test(arguments: Golden.families, [0, 7])
    func cachedLogitsAreThoseOfTransformers(family: String, prefix: Int) throws {
        let golden = try Golden(family)
        let decoder = try golden.decoder()
        let (ids, logits, width) = (golden.results.ids, golden.results.logits, decoder.configuration.vocabularySize)
        try noGrad { () throws in
            let shared = prefix == 0 ? nil : try KeyValueCache.prefix(Array(ids.prefix(prefix)), decoder: decoder)
            let cache = KeyValueCache(after: [shared, nil], for: decoder)
            var places = [prefix, 0]
            for counts in [[1, 3], [1, 1], [2, 4], [1, 1], [1, 1]] {
                let rows = zip(places, counts).map { $0..<($0 + $1) }
                let pass = try cache.pass(adding: counts)
                let states = try decoder.hiddenStates(
                    Tensor(rows.flatMap { ids[$0] }), positions_N: pass.positions_N, attention: pass)
                let expected = rows.flatMap { logits[($0.lowerBound * width)..<($0.upperBound * width)] }
                #expect(try difference(decoder.logits(states), expected[...]) < GoldenTests.bound)
                places = rows.map(\.upperBound)
            }
        }
    }

    @Test(arguments: Golden.families, [false, true])
    func anAdaptersLogitsAndGradientsAreThoseOfPEFT(family: String, recomputed: Bool) throws {
        let golden = try Golden(family)
        let decoder = try golden.decoder()
        let adapter = try golden.adapter(decoder)
        let layout = try PackedSequences(lengths: [golden.results.ids.count], for: decoder)
        let ids = try Tensor(golden.results.ids)
        let pass =
            recomputed
            ? try RecomputedPass(
                decoder, ids, positions_N: layout.positions_N, attention: layout, adapter: adapter) : nil
        let hidden =
            try pass?.hidden_Nd
            ?? decoder.hiddenStates(ids, positions_N: layout.positions_N, attention: layout, adapter: adapter)
        let logits = try decoder.logits(hidden, adapter: adapter)
        #expect(try difference(logits.detached(), golden.results.adapted[...]) < GoldenTests.bound)
        try (logits * logits).sum().backward()
        try pass?.backward()
        let parameters = adapter.parameters
        #expect(Set(parameters.map(\.name)) == Set(golden.results.gradients.keys))
        for parameter in parameters {
            let gradient: [Float] = try #require(parameter.tensor.grad).values()
            let norm = gradient.map { $0 * $0 }.reduce(0, +).squareRoot()
            let expected = try #require(golden.results.gradients[parameter.name])
            #expect(abs(gradient[0] - expected[0]) < 1e-4 * expected[1], "\(parameter.name)")
            #expect(abs(norm - expected[1]) < 1e-4 * expected[1], "\(parameter.name)")
        }
    }

    /// The names and the configuration that the text model has inside a model that also sees.
    @Test(arguments: ["language_model.model.", "model.language_model."])
    func gemmaIsFoundInAModelThatSees(root: String) throws {
        let golden = try Golden("gemma3")
        let decoder = try golden.decoder(config: ["model_type": "gemma3", "text_config": golden.config]) { name in
            root + name.dropFirst("model.".count)
        }
        let layout = try PackedSequences(lengths: [golden.results.ids.count], for: decoder)
        let states = try noGrad {
            try decoder.hiddenStates(
                Tensor(golden.results.ids), positions_N: layout.positions_N, attention: layout)
        }
        #expect(try difference(decoder.logits(states), golden.results.logits[...]) < GoldenTests.bound)
        let module = try golden.adapter(decoder).parameters[0].module
        #expect(module == "model.language_model.layers.0.self_attn.q_proj")
    }

    @Test func tensorsThatAreMissingOrUnusedAreNamed() throws {
        let golden = try Golden("gemma3")
        let missing = "model.layers.1.pre_feedforward_layernorm.weight"
        #expect(
            throws: LanguageModelError.missingTensor(file: golden.folder.path, name: missing, layer: 1)
        ) { try golden.decoder(leaving: missing) }
        let unused = "model.layers.2.self_attn.q_proj.bias"
        #expect(
            throws: LanguageModelError.unusedTensor(
                file: golden.folder.path, name: unused, family: "gemma3", others: 0)
        ) { try golden.decoder(adding: [unused: [32]]) }
    }
}
