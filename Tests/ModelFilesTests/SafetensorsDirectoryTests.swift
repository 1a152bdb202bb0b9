// Folders of safetensors files.

import Foundation
import ModelFiles
import Testing

@Suite struct SafetensorsDirectoryTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func writeShard(_ name: String, tensor: String, _ bytes: [UInt8]) throws {
        let header = #"{"\#(tensor)":{"dtype":"U8","shape":[\#(bytes.count)],"data_offsets":[0,\#(bytes.count)]}}"#
        _ = try folder.write(safetensors(header, data: bytes), to: name)
    }

    private func writeIndex(_ map: [String: String]) throws {
        let json = String(decoding: try JSONEncoder().encode(["weight_map": map]), as: UTF8.self)
        _ = try folder.write(json, to: "model.safetensors.index.json")
    }

    private func error() throws -> String {
        try #require(throws: ModelFileError.self) { try SafetensorsDirectory(path: folder.path) }.description
    }

    @Test func readsASingleFile() throws {
        try writeShard("model.safetensors", tensor: "a", [1, 2])
        let directory = try SafetensorsDirectory(path: folder.path)
        #expect(directory.entries.keys.sorted() == ["a"])
        #expect(try directory.withBytes(of: "a") { Array($0) } == [1, 2])
    }

    @Test(arguments: [
        (#"{"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true}}"#, "bitsandbytes"),
        (#"{"compression_config": {"quant_method": "compressed-tensors"}}"#, "compressed-tensors"),
        (#"{"quantization_config": {}}"#, "a method that it does not name"),
        (#"{"quantization_config": {"load_in_8bit": true}}"#, "bitsandbytes"),
        (#"{"quantization": {"group_size": 64, "bits": 4}}"#, "MLX to 4 bits"),
        (#"{"quantization_config": {"group_size": 64, "bits": 8, "mode": "affine"}}"#, "MLX to 8 bits"),
    ]) func quantisedWeightsAreRefusedByName(configuration: String, method: String) throws {
        _ = try folder.write(configuration, to: "config.json")
        let said = try error()
        #expect(said.contains("quantised by \(method)") && said.contains("GGUF"))
        _ = try folder.write(#"{"quantization_config": null}"#, to: "config.json")
        try writeShard("model.safetensors", tensor: "a", [1, 2])
        #expect(try SafetensorsDirectory(path: folder.path).entries.count == 1)
    }

    @Test func readsShards() throws {
        try writeShard("model-1.safetensors", tensor: "a", [1, 2])
        try writeShard("model-2.safetensors", tensor: "b", [3])
        try writeIndex(["a": "model-1.safetensors", "b": "model-2.safetensors"])
        let directory = try SafetensorsDirectory(path: folder.path)
        #expect(directory.entries.mapValues(\.shape) == ["a": [2], "b": [1]])
        #expect(try directory.withBytes(of: "b") { Array($0) } == [3])
        #expect(try directory.file(of: "b").path == folder.path + "/model-2.safetensors")
        #expect(throws: ModelFileError.noTensor(file: folder.path, tensor: "c")) { try directory.file(of: "c") }
    }

    @Test func aTensorInTwoShardsIsRefused() throws {
        try writeShard("model-1.safetensors", tensor: "a", [1])
        try writeShard("model-2.safetensors", tensor: "a", [1])
        try writeIndex(["a": "model-1.safetensors", "b": "model-2.safetensors"])
        let said = try error()
        #expect(said.contains("tensor a") && said.contains("occurs twice"), "\(said)")
    }

    @Test func anIndexThatLiesIsRefused() throws {
        try writeShard("model-1.safetensors", tensor: "a", [1])
        try writeIndex(["b": "model-1.safetensors"])
        #expect(try error().contains("places tensor b in model-1.safetensors, which does not hold it"))
    }

    @Test func aMissingShardIsNamed() throws {
        try writeShard("model-1.safetensors", tensor: "a", [1])
        try writeIndex(["a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-3.safetensors"])
        let said = try error()
        #expect(said.contains("names 3 files, of which 2 are missing: model-2.safetensors, model-3.safetensors"))
    }

    @Test(arguments: ["../a.safetensors", "/etc/a.safetensors", "passwd"])
    func anIndexThatLeadsElsewhereIsRefused(_ shard: String) throws {
        try writeIndex(["a": shard])
        #expect(try error().contains("weight_map.a: \(shard) is not the name of a shard"))
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"weight_map":[]}"#, #"{"weight_map":{"a":1}}"#, "\u{FEFF}nul"])
    func anIndexThatIsNoneIsRefused(_ json: String) throws {
        let path = try folder.write(json, to: "model.safetensors.index.json")
        #expect(try error().hasPrefix(path + ": "))
    }

    @Test func picklesAreRefused() throws {
        #expect(try error().contains("holds no model.safetensors"))
        let pickle = try folder.write("", to: "pytorch_model.bin")
        #expect(throws: ModelFileError.pickled(file: pickle)) { try SafetensorsDirectory(path: folder.path) }
    }

    @Test(arguments: ["pytorch_model-00001-of-00002.bin", "consolidated.00.pth"])
    func picklesOfOtherNamesAreRefused(name: String) throws {
        _ = try folder.write("", to: "training_args.bin")
        #expect(try error().contains("holds no model.safetensors"))
        let pickle = try folder.write("", to: name)
        #expect(throws: ModelFileError.pickled(file: pickle)) { try SafetensorsDirectory(path: folder.path) }
    }
}
