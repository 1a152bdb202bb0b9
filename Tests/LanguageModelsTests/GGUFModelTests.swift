// The golden models out of GGUF files, which have other names, other conventions and less to say of themselves.

import Foundation
import Lineage
import Testing
import Torch

@testable import LanguageModels

@Suite struct GGUFModelTests {
    @Test(arguments: ["llama", "qwen3", "gemma3"])
    func logitsAreThoseOfTheFolder(family: String) throws {
        let golden = try Golden(family)
        let reference = try golden.decoder()
        let file = golden.folder.appending(path: "model.gguf")
        try gguf(golden, reference.configuration).write(to: file)
        let decoder = try Decoder(path: file.path, dtype: .float32)
        #expect(decoder.configuration.layers.map(\.biases) == reference.configuration.layers.map(\.biases))
        #expect(decoder.configuration.layers.map(\.window) == reference.configuration.layers.map(\.window))
        let layout = try PackedSequences(lengths: [golden.results.ids.count], for: decoder)
        let logits: [Float] = try noGrad {
            try decoder.logits(
                decoder.hiddenStates(
                    Tensor(golden.results.ids), positions_N: layout.positions_N, attention: layout)
            ).values()
        }
        #expect(logits.count == golden.results.logits.count)
        #expect(zip(logits, golden.results.logits).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func whatIsMissingIsCalledAsInTheFile() throws {
        let golden = try Golden("llama")
        let reference = try golden.decoder()
        let file = golden.folder.appending(path: "model.gguf")
        try gguf(golden, reference.configuration, leaving: "blk.1.ffn_up.weight").write(to: file)
        #expect(
            throws: LanguageModelError.missingTensor(file: file.path, name: "blk.1.ffn_up.weight", layer: 1)
        ) { try Decoder(path: file.path, dtype: .float32) }
        try gguf(golden, reference.configuration, leaving: "llama.context_length").write(to: file)
        #expect(
            throws: LanguageModelError.missingConfigurationKey(file: file.path, key: "llama.context_length")
        ) { try Decoder(path: file.path, dtype: .float32) }
    }

    @Test func oneValueThatIsNoNumberIsNamedAsInTheFile() throws {
        let golden = try Golden("llama")
        let reference = try golden.decoder()
        let file = golden.folder.appending(path: "model.gguf")
        for name in ["token_embd.weight", "blk.1.ffn_down.weight", "blk.0.attn_q.bias", "rope_freqs.weight"] {
            try gguf(golden, reference.configuration, breaking: name).write(to: file)
            #expect(throws: LanguageModelError.notFinite(file: file.path, name: name)) {
                try Decoder(path: file.path, dtype: .bfloat16)
            }
        }
    }

    @Test(arguments: [
        ("general.type", "adapter", "--adapter"), ("general.type", "mmproj", "sees"),
        ("general.architecture", "nomic-bert", "encoder"), ("general.architecture", "gpt2", "supported: gemma3, llama"),
    ]) func whatWritesNoTextSaysWhatItIs(key: String, value: String, said: String) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf")
        defer { try? FileManager.default.removeItem(at: place) }
        var gguf = GGUFBytes(left: nil)
        gguf.add(key, text: value)
        try gguf.data.write(to: place)
        let error = #expect(throws: LanguageModelError.self) { try Decoder(path: place.path, dtype: .float32) }
        #expect(error?.description.contains(said) == true, "\(String(describing: error))")
    }

    /// A golden model as llama.cpp's converter writes it, in float32 and without a tokenizer.
    private func gguf(
        _ golden: Golden, _ configuration: DecoderConfiguration, leaving left: String? = nil,
        breaking broken: String? = nil
    ) throws -> Data {
        let name = configuration.family.rawValue
        var gguf = GGUFBytes(left: left, broken: broken)
        gguf.add("general.architecture", text: name)
        let integers = [
            "context_length": configuration.maximumPositions, "embedding_length": configuration.hiddenSize,
            "block_count": configuration.layerCount, "feed_forward_length": configuration.intermediateSize,
            "attention.head_count": configuration.headCount,
            "attention.head_count_kv": configuration.keyValueHeadCount,
            "attention.key_length": configuration.headDimension,
        ]
        for (key, value) in integers { gguf.add("\(name).\(key)", integer: value) }
        gguf.add("\(name).attention.layer_norm_rms_epsilon", number: configuration.rmsNormEpsilon)
        let rope = try #require(configuration.layers.first { $0.window == nil }).rope
        gguf.add("\(name).rope.freq_base", number: rope.theta)
        if case .linear(let factor) = rope.scaling {
            gguf.add("\(name).rope.scaling.type", text: "linear")
            gguf.add("\(name).rope.scaling.factor", number: factor)
        } else {
            let width = configuration.headDimension
            let (plain, scaled) = (RopePlan(theta: rope.theta), rope)
            let divisors = zip(
                RotaryEmbedding.inverseFrequencies(plain, headDimension: width),
                RotaryEmbedding.inverseFrequencies(scaled, headDimension: width)
            ).map { $0 / $1 }
            gguf.add("rope_freqs.weight", [divisors.count], divisors)
        }
        if let local = configuration.layers.first(where: { $0.window != nil }), let window = local.window {
            gguf.add("\(name).attention.sliding_window", integer: window)
            gguf.add("\(name).attention.sliding_window_pattern", integer: 2)
            gguf.add("\(name).rope.freq_base_swa", number: local.rope.theta)
        }
        let addresses = Set(try addresses(golden, configuration))
        #expect(addresses.count == golden.results.tensors.count)
        for address in addresses {
            let key = try #require(configuration.names.huggingFace(address, root: "model."))
            let shape = try #require(golden.results.tensors[key])
            var values = golden.weights(key, shape)
            if name == "gemma3", address.weight.isNorm { values = values.map { $0 + 1 } }
            // The file cannot say by what queries are divided, 12 here: it takes a head's width, 8.
            if name == "gemma3", address.weight == .keyNorm { values = values.map { $0 * (8.0 / 12).squareRoot() } }
            if name == "llama", [.projection(.q), .projection(.k)].contains(address.weight) {
                values = neighboured(values, rows: shape[0], width: configuration.headDimension)
            }
            gguf.add(try #require(configuration.names.gguf(address)), shape, values)
        }
        return gguf.data
    }

    /// Every tensor that the plan has.
    private func addresses(_ golden: Golden, _ configuration: DecoderConfiguration) throws -> [TensorAddress] {
        let whole: [DecoderWeight] = [.embedding, .finalNorm, .projection(.head)]
        var all = whole.map { TensorAddress(weight: $0) }
        for layer in configuration.layers.indices {
            for weight in configuration.names.rows.keys where !whole.contains(weight) {
                all += [false, true].map { TensorAddress(weight: weight, layer: layer, isBias: $0) }
            }
        }
        return all.filter { golden.results.tensors[configuration.names.huggingFace($0, root: "model.") ?? ""] != nil }
    }

    /// Rows i and i + D/2 of each head side by side.
    private func neighboured(_ values: [Float], rows: Int, width: Int) -> [Float] {
        let columns = values.count / rows
        return (0..<rows).flatMap { row in
            let (head, place) = (row / width, row % width)
            let from = head * width + place % 2 * (width / 2) + place / 2
            return values[(from * columns)..<((from + 1) * columns)]
        }
    }
}

/// A GGUF file of float32 tensors, but for one thing that is left out.
private struct GGUFBytes {
    let left: String?
    /// A tensor whose last value is NaN.
    let broken: String?
    private var metadata = Data()
    private var infos = Data()
    private var tensors = Data()
    private var counts = (metadata: 0 as UInt64, tensors: 0 as UInt64)

    init(left: String?, broken: String? = nil) { (self.left, self.broken) = (left, broken) }

    mutating func add(_ key: String, text: String) { add(key, type: 8) { GGUFBytes.string(text) } }
    mutating func add(_ key: String, integer: Int) { add(key, type: 4) { GGUFBytes.bytes(UInt32(integer)) } }
    mutating func add(_ key: String, number: Double) { add(key, type: 6) { GGUFBytes.bytes(Float(number)) } }

    private mutating func add(_ key: String, type: UInt32, _ value: () -> Data) {
        guard key != left else { return }
        metadata += GGUFBytes.string(key) + GGUFBytes.bytes(type) + value()
        counts.metadata += 1
    }

    mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        guard name != left else { return }
        infos += GGUFBytes.string(name) + GGUFBytes.bytes(UInt32(shape.count))
        for dimension in shape.reversed() { infos += GGUFBytes.bytes(UInt64(dimension)) }
        infos += GGUFBytes.bytes(0 as UInt32) + GGUFBytes.bytes(UInt64(tensors.count))
        let written = name == broken ? values.dropLast() + [.nan] : values
        tensors += written.withUnsafeBytes { Data($0) }
        tensors += Data(count: GGUFBytes.padding(tensors.count))
        counts.tensors += 1
    }

    var data: Data {
        let header =
            Data("GGUF".utf8) + GGUFBytes.bytes(3 as UInt32) + GGUFBytes.bytes(counts.tensors)
            + GGUFBytes.bytes(counts.metadata) + metadata + infos
        return header + Data(count: GGUFBytes.padding(header.count)) + tensors
    }

    private static func padding(_ count: Int) -> Int { (32 - count % 32) % 32 }

    private static func string(_ text: String) -> Data { bytes(UInt64(text.utf8.count)) + Data(text.utf8) }

    private static func bytes(_ value: some BitwiseCopyable) -> Data { withUnsafeBytes(of: value) { Data($0) } }
}
