// Adapters in PEFT's layout.

import Foundation
import ModelFiles
import Testing

@Suite struct PEFTAdapterTests {
    let folder: TemporaryFolder
    let path: String
    let configuration = PEFTAdapterConfiguration(
        baseModelNameOrPath: "base/model", r: 2, loraAlpha: 4, targetModules: ["q_proj", "down_proj"],
        rankPattern: ["down_proj": 1], alphaPattern: ["down_proj": 0.5])

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/adapter"
    }

    private func matrix(_ name: String, _ shape: [Int], _ value: UInt8 = 1) -> SafetensorsWriter.Tensor {
        .init(name: name, type: .bfloat16, shape: shape) { write in
            try [UInt8](repeating: value, count: 2 * shape.reduce(1, *)).withUnsafeBytes { try write($0) }
        }
    }

    private func pair(_ module: String, rank: Int) -> [SafetensorsWriter.Tensor] {
        [
            matrix(PEFTAdapterFile.tensorName(module: module, .a), [rank, 3]),
            matrix(PEFTAdapterFile.tensorName(module: module, .b), [4, rank]),
        ]
    }

    private var tensors: [SafetensorsWriter.Tensor] {
        pair("model.layers.0.self_attn.q_proj", rank: 2) + pair("model.layers.0.mlp.down_proj", rank: 1)
    }

    private func write(_ tensors: [SafetensorsWriter.Tensor]) throws {
        try PEFTAdapterFile.write(
            directory: path, configuration: configuration, tensors: tensors,
            metadata: [PEFTAdapterFile.baseFingerprintKey: "abc"])
    }

    /// Writes a valid adapter and changes one setting of its configuration.
    private func writeChanged(_ setting: String, _ value: String) throws {
        try write(tensors)
        let file = path + "/adapter_config.json"
        var settings =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file))) as? [String: Any]
        settings?[setting] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        try JSONSerialization.data(withJSONObject: try #require(settings)).write(to: URL(fileURLWithPath: file))
    }

    @Test func readsBackWhatItWrote() throws {
        try write(tensors)
        try write(tensors)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["adapter"])
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        #expect(names == ["adapter_config.json", "adapter_model.safetensors"])
        let (read, file) = try PEFTAdapterFile.read(directory: path)
        #expect(read == configuration)
        #expect(file.metadata == ["format": "pt", "instill.base_fingerprint": "abc"])
        let name = "base_model.model.model.layers.0.mlp.down_proj.lora_B.weight"
        #expect(try file.withBytes(of: name) { Array($0) } == [UInt8](repeating: 1, count: 8))
        let modules = try PEFTAdapterFile.modules(of: file, read)
        #expect(modules.keys.sorted() == ["model.layers.0.mlp.down_proj", "model.layers.0.self_attn.q_proj"])
        #expect(modules["model.layers.0.self_attn.q_proj"]?.a.shape == [2, 3])
        #expect(modules["model.layers.0.self_attn.q_proj"]?.b.shape == [4, 2])
    }

    @Test func patternsNameTheEndsOfPaths() {
        #expect(configuration.rank(of: "model.layers.0.self_attn.q_proj") == 2)
        #expect(configuration.scale(of: "model.layers.0.self_attn.q_proj") == 2)
        #expect(configuration.rank(of: "model.layers.0.mlp.down_proj") == 1)
        #expect(configuration.scale(of: "down_proj") == 0.5)
        #expect(configuration.rank(of: "model.layers.0.mlp.updown_proj") == 2)
        #expect(configuration.adapts("model.layers.0.mlp.down_proj") && !configuration.adapts("mlp.updown_proj"))
    }

    @Test func patternsMayBeRegularExpressions() {
        var configuration = self.configuration
        configuration.rankPattern = [#"layers\.[0-3]\..*_proj"#: 8]
        configuration.alphaPattern = ["(k|v)_proj": 32]
        configuration.usesRSLoRA = true
        #expect(configuration.rank(of: "model.layers.3.self_attn.q_proj") == 8)
        #expect(configuration.rank(of: "model.layers.13.self_attn.q_proj") == 2)
        #expect(configuration.scale(of: "model.layers.9.self_attn.v_proj") == 32 / 2.0.squareRoot())
    }

    @Test(arguments: [
        ("target_modules", "\".*_proj\""), ("layers_to_transform", "[0]"), ("exclude_modules", "[\"o_proj\"]"),
    ])
    func whereSettingsChooseModulesTheFileNamesThem(_ setting: String, _ value: String) throws {
        try writeChanged(setting, value)
        let read = try PEFTAdapterFile.read(directory: path).configuration
        #expect(read.targetModules == ["model.layers.0.mlp.down_proj", "model.layers.0.self_attn.q_proj"])
    }

    static let unsupported: [(setting: String, value: String, shown: String)] = [
        ("peft_type", "\"IA3\"", "\"IA3\""), ("task_type", "\"SEQ_CLS\"", "\"SEQ_CLS\""),
        ("bias", "\"all\"", "\"all\""),
        ("use_dora", "true", "true"), ("fan_in_fan_out", "true", "true"),
        ("lora_bias", "true", "true"), ("use_qalora", "true", "true"), ("modules_to_save", "[\"x\"]", "[\"x\"]"),
        ("layer_replication", "[[0,2]]", "[[0.0, 2.0]]"), ("init_lora_weights", "\"pissa\"", "\"pissa\""),
        ("rank_pattern", "{\"(a\":3}", "{\"(a\": 3.0}"),
        ("target_parameters", "[\"x\"]", "[\"x\"]"), ("arrow_config", "{\"k\":null}", "{\"k\": null}"),
        ("trainable_token_indices", "[7]", "[7.0]"), ("alora_invocation_tokens", "[7]", "[7.0]"),
    ]

    @Test(arguments: unsupported)
    func moreThanPlainLoRAIsRefused(_ unsupported: (setting: String, value: String, shown: String)) throws {
        try writeChanged(unsupported.setting, unsupported.value)
        let file = path + "/adapter_config.json"
        #expect(
            throws: ModelFileError.unsupportedAdapter(
                file: file, setting: unsupported.setting, value: unsupported.shown)
        ) { try PEFTAdapterFile.read(directory: path) }
    }

    @Test(arguments: [
        ("task_type", "null"), ("modules_to_save", "[]"), ("init_lora_weights", "\"gaussian\""), ("use_dora", "null"),
        ("peft_version", "\"99\""), ("some_future_setting", "{}"), ("lora_dropout", "null"),
        ("inference_mode", "false"),
    ])
    func whatChangesNothingIsRead(_ setting: String, _ value: String) throws {
        try writeChanged(setting, value)
        #expect(try PEFTAdapterFile.read(directory: path).configuration == configuration)
    }

    @Test(arguments: [
        ("r", "0", "r: a rank is below one"), ("r", "\"8\"", "r: the value is not of the type Int"),
        ("r", "1e99", "not valid JSON"), ("lora_alpha", "null", "lora_alpha: "),
        ("target_modules", "[1]", "target_modules.0: "),
        ("rank_pattern", "{\"down_proj\":-1}", "a rank is below one"),
        ("rank_pattern", "{\"down_proj\":2}", "its shape [1, 3] is not [rank 2, inputs]"),
        ("rank_pattern", "{\"down_proj\":1,\"mlp.down_proj\":2}", "several entries of rank_pattern"),
        ("alpha_pattern", "{\"q_proj\":1,\"self_attn.q_proj\":2}", "several entries of rank_pattern or alpha_pattern"),
    ])
    func wrongValuesAreRefused(_ setting: String, _ value: String, _ says: String) throws {
        try writeChanged(setting, value)
        let error = try #require(throws: ModelFileError.self) { try PEFTAdapterFile.read(directory: path) }
        #expect(error.description.contains(says) && error.description.contains(path), "\(error)")
    }

    private func refusal(_ change: (inout [SafetensorsWriter.Tensor]) -> Void) throws -> String {
        var tensors = tensors
        change(&tensors)
        let error = try #require(throws: ModelFileError.self) { try write(tensors) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        return error.description
    }

    @Test func incompleteAndForeignMatricesAreRefused() throws {
        let q = "base_model.model.model.layers.0.self_attn.q_proj"
        #expect(try refusal { $0.remove(at: 1) }.contains("has no tensor \(q).lora_B.weight"))
        #expect(try refusal { $0.remove(at: 0) }.contains("has no tensor \(q).lora_A.weight"))
        #expect(try refusal { $0[1] = matrix($0[1].name, [4, 3]) }.contains("[4, 3] is not [outputs, rank 2]"))
        #expect(try refusal { $0[0] = matrix($0[0].name, [2]) }.contains("[2] is not [rank 2, inputs]"))
        for name in [
            "\(q).lora_embedding_A", "\(q).lora_A.bias", "model.q_proj.lora_A.weight",
            "base_model.model..lora_A.weight",
        ] {
            let said = try refusal { $0.append(matrix(name, [1])) }
            #expect(said.contains("tensor \(name): it is not a matrix of plain LoRA"), "\(said)")
        }
        let integers = SafetensorsWriter.Tensor(name: tensors[0].name, type: .int8, shape: [2, 3]) { write in
            try [UInt8](repeating: 0, count: 6).withUnsafeBytes { try write($0) }
        }
        #expect(try refusal { $0[0] = integers }.contains("its elements are I8"))
    }

    @Test func copiesOfBaseWeightsArePassedOver() throws {
        let copy = matrix("base_model.model.lm_head.base_layer.weight", [5, 5])
        try write(tensors + [copy])
        let (read, file) = try PEFTAdapterFile.read(directory: path)
        #expect(try PEFTAdapterFile.modules(of: file, read).count == 2)
    }

    private func refusal(_ place: String? = nil) throws -> String {
        try #require(throws: ModelFileError.self) { try PEFTAdapterFile.read(directory: place ?? path) }.description
    }

    @Test func whatIsNoAdapterOfPEFTsIsNamed() throws {
        #expect(try refusal(folder.write("GGUF", to: "a.gguf")).contains("GGUF are not read"))
        #expect(try refusal(folder.path).contains("has no adapter_config.json"))
        _ = try folder.write("{}", to: "config.json")
        #expect(try refusal(folder.path).contains("it is a model"))
        let mlx = #"{"fine_tune_type": "lora", "num_layers": 2, "lora_parameters": {"rank": 8, "scale": 20.0}}"#
        _ = try folder.write(mlx, to: "adapter_config.json")
        #expect(try refusal(folder.path).contains("MLX"))
    }

    @Test func missingAndPickledFilesAreNamed() throws {
        #expect(try refusal().contains("nothing there"))
        try write(tensors)
        let weights = path + "/adapter_model.safetensors"
        try FileManager.default.removeItem(atPath: weights)
        #expect(throws: ModelFileError.system(operation: "opened", file: weights, code: ENOENT)) {
            try PEFTAdapterFile.read(directory: path)
        }
        _ = try folder.write("", to: "adapter/adapter_model.bin")
        #expect(throws: ModelFileError.pickled(file: path + "/adapter_model.bin")) {
            try PEFTAdapterFile.read(directory: path)
        }
    }
}
