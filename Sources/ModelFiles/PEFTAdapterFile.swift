// A LoRA adapter on disk, as PEFT lays it out: a folder with `adapter_config.json` and `adapter_model.safetensors`. Deals
// in bytes; knows no model, and so not whether the adapter's modules are in it.

import Basics
import Foundation

/// Reads and writes adapters that PEFT writes and reads.
public enum PEFTAdapterFile {
    /// The metadata key under which our adapters name their base model's weights. PEFT passes it over.
    public static let baseFingerprintKey = "instill.base_fingerprint"

    private static let configurationName = "adapter_config.json"
    private static let weightsName = "adapter_model.safetensors"
    private static let prefix = "base_model.model."

    /// A LoRA's two matrices: the update is scale · B · A.
    public enum Matrix: String, Sendable, CaseIterable {
        /// [rank, inputs].
        case a = "lora_A"
        /// [outputs, rank].
        case b = "lora_B"
    }

    /// The two matrices of an adapted module.
    public struct Module: Sendable, Hashable {
        /// [rank, inputs].
        public let a: TensorEntry
        /// [outputs, rank].
        public let b: TensorEntry
    }

    /// A matrix's name in the file; the module's path is that in the model ("model.layers.0.self_attn.q_proj").
    public static func tensorName(module: String, _ matrix: Matrix) -> String {
        "\(prefix)\(module).\(matrix.rawValue).weight"
    }

    /// Reads an adapter and checks that it is plain LoRA, whole, and of the ranks that its configuration says.
    public static func read(
        directory: String
    ) throws(ModelFileError) -> (configuration: PEFTAdapterConfiguration, tensors: SafetensorsFile) {
        let path = directory + "/" + configurationName
        let weights = directory + "/" + weightsName
        guard access(path, F_OK) == 0 else { throw .noAdapter(path: directory, reason: reasonForNone(directory)) }
        let settings = try JSONFile.read([String: PEFTSetting].self, from: path)
        let keysOfMLX = ["lora_parameters", "fine_tune_type"]
        if settings["peft_type"] == nil, keysOfMLX.contains(where: { settings[$0] != nil }) {
            throw .noAdapter(path: directory, reason: "it is one of MLX's; train or convert it in Hugging Face peft")
        }
        if let (name, value) = PEFTSetting.unsupported(in: settings) {
            throw .unsupportedAdapter(file: path, setting: name, value: value.description)
        }
        var configuration = try JSONFile.read(PEFTAdapterConfiguration.self, from: path)
        let pickle = directory + "/adapter_model.bin"
        if access(weights, F_OK) != 0, access(pickle, F_OK) == 0 { throw .pickled(file: pickle) }
        let tensors = try SafetensorsFile(path: weights)
        let modules = try modules(of: tensors, configuration)
        // Which modules such settings mean depends on the model; the file says which they were.
        if PEFTSetting.choosesModules(settings) { configuration.targetModules = modules.keys.sorted() }
        return (configuration, tensors)
    }

    /// What there is instead of an adapter.
    private static func reasonForNone(_ path: String) -> String {
        if path.hasSuffix(".gguf") { return "adapters in GGUF are not read; take the folder that it was made from" }
        var status = stat()
        guard stat(path, &status) == 0 else { return "there is nothing there" }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "an adapter is a folder with \(configurationName)" }
        if access(path + "/config.json", F_OK) == 0 { return "it is a model; an adapter has \(configurationName)" }
        return "the folder has no \(configurationName)"
    }

    /// The adapted modules by their path in the model.
    ///
    /// PEFT stores copies of the embedding's and the head's own weights when one of them is adapted; they are passed over,
    /// see `baseWeights`.
    public static func modules(
        of tensors: SafetensorsFile, _ configuration: PEFTAdapterConfiguration
    ) throws(ModelFileError) -> [String: Module] {
        let file = tensors.file.path
        var matrices: [String: [Matrix: TensorEntry]] = [:]
        for (name, entry) in tensors.entries {
            if let (module, matrix) = parse(name) {
                matrices[module, default: [:]][matrix] = entry
            } else if !isCopyOfBaseWeight(name) {
                let named = "which PEFT names \(tensorName(module: "MODULE", .a))"
                throw .unfitTensor(file: file, tensor: name, reason: "it is not a matrix of plain LoRA, \(named)")
            }
        }
        var modules: [String: Module] = [:]
        for (module, pair) in matrices {
            guard let a = pair[.a], let b = pair[.b] else {
                let missing = tensorName(module: module, pair[.a] == nil ? .a : .b)
                throw .noTensor(file: file, tensor: missing)
            }
            guard !configuration.isAmbiguous(module) else {
                let reason = "several entries of rank_pattern or alpha_pattern name its module, and differ"
                throw .unfitTensor(file: file, tensor: a.name, reason: reason)
            }
            try check(a, b, rank: configuration.rank(of: module), file: file)
            modules[module] = Module(a: a, b: b)
        }
        return modules
    }

    /// Copies of the base model's own weights. One whose shape is not that of the base model's is of a model that was
    /// changed, by a larger vocabulary say.
    public static func baseWeights(of tensors: SafetensorsFile) -> [TensorEntry] {
        tensors.entries.values.filter { isCopyOfBaseWeight($0.name) }
    }

    /// Writes an adapter: a folder that appears whole or not at all, and that `read` has accepted before it does.
    ///
    /// An older adapter at the same path is replaced in one step; a folder with other files in it is not.
    public static func write(
        directory: String, configuration: PEFTAdapterConfiguration, tensors: [SafetensorsWriter.Tensor],
        metadata: [String: String]
    ) throws {
        // PEFT writes this too; transformers refuses safetensors files without it.
        let metadata = metadata.merging(["format": "pt"]) { ours, _ in ours }
        try WholeFile.writeDirectory(at: directory) { folder in
            try WholeFile.write(json: configuration, to: folder + "/" + configurationName)
            try SafetensorsWriter.write(to: folder + "/" + weightsName, metadata: metadata, tensors: tensors)
            _ = try read(directory: folder)
        }
    }

    private static func parse(_ name: String) -> (module: String, Matrix)? {
        guard name.hasPrefix(prefix) else { return nil }
        for matrix in Matrix.allCases {
            let suffix = ".\(matrix.rawValue).weight"
            guard name.hasSuffix(suffix), name.utf8.count > prefix.utf8.count + suffix.utf8.count else { continue }
            return (String(name.dropFirst(prefix.count).dropLast(suffix.count)), matrix)
        }
        return nil
    }

    private static func isCopyOfBaseWeight(_ name: String) -> Bool {
        name.hasPrefix(prefix)
            && [".base_layer.weight", ".embed_tokens.weight", ".lm_head.weight"].contains(where: name.hasSuffix)
    }

    private static func check(
        _ a: TensorEntry, _ b: TensorEntry, rank: Int, file: String
    ) throws(ModelFileError) {
        for entry in [a, b] {
            guard [.plain(.float32), .plain(.float16), .plain(.bfloat16)].contains(entry.storage) else {
                throw .unfitTensor(file: file, tensor: entry.name, reason: "its elements are \(entry.storage)")
            }
        }
        guard a.shape.count == 2, a.shape[0] == rank else {
            throw .unfitTensor(file: file, tensor: a.name, reason: "its shape \(a.shape) is not [rank \(rank), inputs]")
        }
        guard b.shape.count == 2, b.shape[1] == rank else {
            throw .unfitTensor(
                file: file, tensor: b.name, reason: "its shape \(b.shape) is not [outputs, rank \(rank)]")
        }
    }
}
