// A model's weights in a folder, as Hugging Face lays them out: `model.safetensors`, or shards of it and
// `model.safetensors.index.json`, which says where each tensor is. Knows no architecture.

import Basics
import Foundation

/// All tensors of a folder, whatever the number of files.
public struct SafetensorsDirectory: Sendable {
    public let path: String
    /// The tensors by name; `byteRange` counts from the start of the file that `file(of:)` gives.
    public let entries: [String: TensorEntry]
    public let shards: [SafetensorsFile]
    private let shardOfTensor: [String: Int]

    private static let singleName = "model.safetensors"
    private static let indexName = "model.safetensors.index.json"

    /// Opens `model.safetensors` or, where it is missing, all shards that the index names. A folder whose config.json says
    /// that its weights are quantised is refused: their tensors' shapes and types say nothing of what is in them.
    public init(path: String) throws(ModelFileError) {
        try Self.checkUnquantised(configuration: path + "/config.json")
        let single = path + "/" + Self.singleName
        let index = path + "/" + Self.indexName
        self.path = path
        if access(single, F_OK) == 0 {
            shards = [try SafetensorsFile(path: single)]
            entries = shards[0].entries
            shardOfTensor = entries.mapValues { _ in 0 }
        } else if access(index, F_OK) == 0 {
            let weightMap = try Self.weightMap(index: index)
            let names = Set(weightMap.values).sorted()
            let missing = names.filter { access(path + "/" + $0, F_OK) != 0 }
            guard missing.isEmpty else { throw .missingShards(index: index, missing: missing, of: names.count) }
            shards = try names.map { name throws(ModelFileError) in
                try SafetensorsFile(path: path + "/" + name)
            }
            (entries, shardOfTensor) = try Self.join(shards)
            try Self.check(weightMap, against: shards, shardOfTensor, index: index)
        } else {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            // Trainers leave other pickles in the folder too.
            let pickle = files.sorted().first { name in
                ["pytorch_model", "consolidated", "model"].contains(where: name.hasPrefix)
                    && [".bin", ".pt", ".pth"].contains(where: name.hasSuffix)
            }
            if let pickle { throw .pickled(file: path + "/" + pickle) }
            throw .noneOf(files: [Self.singleName, Self.indexName], directory: path)
        }
    }

    /// The file that holds a tensor. Whoever keeps a pointer into it keeps this too.
    public func file(of name: String) throws(ModelFileError) -> MappedFile {
        guard let shard = shardOfTensor[name] else { throw .noTensor(file: path, tensor: name) }
        return shards[shard].file
    }

    /// Hands the bytes of a tensor to `body`; they stay where they are for as long as `file(of:)` lives.
    public func withBytes<R>(of name: String, body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        guard let shard = shardOfTensor[name] else { throw ModelFileError.noTensor(file: path, tensor: name) }
        return try shards[shard].withBytes(of: name, body: body)
    }

    private static func checkUnquantised(configuration: String) throws(ModelFileError) {
        guard access(configuration, F_OK) == 0 else { return }
        let settings = try JSONFile.read([String: JSONValue].self, from: configuration)
        for key in ["quantization_config", "compression_config", mlxKey] {
            guard case .object(let members)? = settings[key] else { continue }
            throw .quantised(file: configuration, method: method(members, key))
        }
    }

    /// The key under which MLX says how it has quantised a model.
    private static let mlxKey = "quantization"

    private static func method(_ settings: [String: JSONValue], _ key: String) -> String {
        if case .string(let name)? = settings["quant_method"] { return name }
        // Before transformers had a second method, it named none.
        if settings["load_in_4bit"] == .bool(true) || settings["load_in_8bit"] == .bool(true) { return "bitsandbytes" }
        guard case .integer(let bits)? = settings["bits"] else { return "a method that it does not name" }
        return key == mlxKey || settings["group_size"] != nil ? "MLX to \(bits) bits" : "a method of \(bits) bits"
    }

    private struct Index: Decodable {
        let weight_map: [String: String]
    }

    /// Tensor → name of its file. A name that leads out of the folder is refused.
    private static func weightMap(index: String) throws(ModelFileError) -> [String: String] {
        let map = try JSONFile.read(Index.self, from: index).weight_map
        for (tensor, shard) in map where shard.contains("/") || !shard.hasSuffix(".safetensors") {
            if shard.hasSuffix(".bin") { throw .pickled(file: shard) }
            throw .json(file: index, path: "weight_map.\(tensor)", reason: "\(shard) is not the name of a shard")
        }
        return map
    }

    private static func join(
        _ shards: [SafetensorsFile]
    ) throws(ModelFileError) -> (entries: [String: TensorEntry], shardOfTensor: [String: Int]) {
        var entries: [String: TensorEntry] = [:]
        var shardOfTensor: [String: Int] = [:]
        for (number, shard) in shards.enumerated() {
            for (name, entry) in shard.entries {
                if let other = shardOfTensor.updateValue(number, forKey: name) {
                    let part = "the tensor, which \(shards[other].file.path) holds as well,"
                    throw .invalid(file: shard.file.path, tensor: name, .duplicate(part: part))
                }
                entries[name] = entry
            }
        }
        return (entries, shardOfTensor)
    }

    private static func check(
        _ weightMap: [String: String], against shards: [SafetensorsFile], _ shardOfTensor: [String: Int], index: String
    ) throws(ModelFileError) {
        for (tensor, shard) in weightMap {
            guard let number = shardOfTensor[tensor], shards[number].file.path.hasSuffix("/" + shard) else {
                throw .notInShard(index: index, tensor: tensor, shard: shard)
            }
        }
    }
}
