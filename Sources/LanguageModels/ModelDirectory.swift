// A decoder out of a Hugging Face directory: config.json, and safetensors in one file or sharded. Weights are mapped; where
// they already have the compute type on a CPU they are used in place.

import Foundation
import ModelFiles
import Torch

struct ModelDirectory {
    let path: String
    let configuration: DecoderConfiguration
    let weights: SafetensorsDirectory

    init(path: String) throws {
        self.path = path
        configuration = try DecoderConfiguration(configJSON: "\(path)/config.json")
        weights = try SafetensorsDirectory(path: path)
    }

    /// The tensor of a checkpoint's name, which must have the given shape.
    func tensor(_ name: String, _ shape: [Int], dtype: DType, device: Device) throws -> Tensor {
        try weights.tensor(name, shape: shape).to(dtype, device: device)
    }

    /// `eos_token_id`, a number or a list, from generation_config.json and config.json.
    func stopTokens() -> Set<Int> {
        struct Tokens: Decodable {
            let ids: [Int]

            enum CodingKeys: String, CodingKey { case eos = "eos_token_id" }

            init(from decoder: any Swift.Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                if let several = try? values.decode([Int].self, forKey: .eos) {
                    ids = several
                } else {
                    ids = [try values.decode(Int.self, forKey: .eos)]
                }
            }
        }
        let files = ["generation_config.json", "config.json"].map { "\(path)/\($0)" }
        let found = files.compactMap { file in
            FileManager.default.contents(atPath: file).flatMap { try? JSONDecoder().decode(Tokens.self, from: $0) }
        }
        return Set(found.flatMap(\.ids))
    }
}
