// What sentence-transformers adds to a Hugging Face folder. Knows its files, not the model.
// Source: UKPLab/sentence-transformers, the `config_keys` of each module.

import Foundation
import ModelFiles

/// The settings of a folder; those of a plain encoder where it has none.
struct SentenceTransformersFolder {
    let pooling: SentenceEncoder.Pooling
    /// Nil where only the encoder limits it.
    let maximumTokens: Int?

    init(path: String) throws {
        func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
            guard FileManager.default.fileExists(atPath: "\(path)/\(name)") else { return nil }
            return try JSONFile.read(type, from: "\(path)/\(name)")
        }
        maximumTokens = try read(Limits.self, "sentence_bert_config.json")?.max_seq_length
        let modules = try read([Module].self, "modules.json") ?? []
        for module in modules where !["Transformer", "Pooling", "Normalize"].contains(module.name) {
            throw RetrievalError.unsupported(
                file: "\(path)/modules.json", what: "a module of type \(module.name)",
                supported: "Transformer, Pooling, Normalize")
        }
        let place = modules.first { $0.name == "Pooling" }.map { "\($0.path)/config.json" }
        guard let place, let modes = try read(Modes.self, place) else {
            pooling = .mean
            return
        }
        guard modes.inForce.count == 1, let mode = SentenceEncoder.Pooling(rawValue: modes.inForce[0]) else {
            throw RetrievalError.unsupported(
                file: "\(path)/\(place)", what: "pooling by \(modes.inForce.joined(separator: " and "))",
                supported: "mean, cls")
        }
        pooling = mode
    }

    private struct Limits: Decodable { let max_seq_length: Int? }

    private struct Module: Decodable {
        let type: String
        let path: String
        /// The class without its package.
        var name: String { type.split(separator: ".").last.map(String.init) ?? type }
    }

    /// One mode by name, or a switch for each.
    private struct Modes: Decodable {
        let pooling_mode: String?
        let pooling_mode_cls_token: Bool?
        let pooling_mode_mean_tokens: Bool?
        let pooling_mode_max_tokens: Bool?
        let pooling_mode_mean_sqrt_len_tokens: Bool?
        let pooling_mode_weightedmean_tokens: Bool?
        let pooling_mode_lasttoken: Bool?

        var inForce: [String] {
            if let pooling_mode { return [pooling_mode] }
            let switches = [
                ("cls", pooling_mode_cls_token), ("mean", pooling_mode_mean_tokens), ("max", pooling_mode_max_tokens),
                ("mean_sqrt_len", pooling_mode_mean_sqrt_len_tokens),
                ("weightedmean", pooling_mode_weightedmean_tokens), ("lasttoken", pooling_mode_lasttoken),
            ]
            return switches.filter { $0.1 == true }.map(\.0)
        }
    }
}
