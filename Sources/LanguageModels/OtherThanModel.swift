// What there is at a path where a model was expected, said so that a person knows what to name instead. Knows how files of
// models lie about, not what is in weights.

import Foundation
import ModelFiles

/// Reasons why a place holds no model, as the end of a sentence.
enum OtherThanModel {
    /// Why a folder is none; nil where it has the files of one.
    static func folder(_ path: String) -> String? {
        let names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
        let hasWeights = names.contains { $0 == "model.safetensors" || $0 == "model.safetensors.index.json" }
        if names.contains("adapter_config.json"), !hasWeights {
            return "it is an adapter; name its base model with --model, and the adapter with --adapter"
        }
        guard !names.contains("config.json") else { return nil }
        if let file = names.filter({ $0.hasSuffix(".gguf") }).min() {
            return "it is a folder of .gguf files; name one of them, \(path)/\(file) say"
        }
        if names.contains("snapshots") {
            return "it is a folder of Hugging Face's cache; name the one that is in its folder snapshots"
        }
        if names.contains("params.json") {
            return "it is in its makers' own format; take that of transformers, with config.json and safetensors"
        }
        return "the folder has no config.json"
    }

    /// Why a file is none, where it is no .gguf.
    static func file(_ path: String) -> String {
        let file = URL(fileURLWithPath: path)
        if ["json", "safetensors", "jinja"].contains(file.pathExtension) {
            return "it is a file of one; name its folder, \(file.deletingLastPathComponent().path)"
        }
        return "a model is a .gguf file or a directory with config.json and safetensors"
    }

    /// Why a GGUF file is none that writes text (`general.type` and architectures of llama.cpp's gguf-py, constants.py).
    static func gguf(_ file: GGUFFile) -> String? {
        switch file.metadata["general.type"]?.string {
        case "adapter": return "it is a LoRA adapter; adapters are read as folders in PEFT's format, by --adapter"
        case "mmproj": return seeing
        case "imatrix": return "it holds measurements for quantising, no weights"
        default: break
        }
        let architecture = file.architecture ?? ""
        if architecture == "clip" { return seeing }
        if architecture.hasSuffix("bert") || architecture.contains("-bert") || architecture == "t5encoder" {
            return "it is an encoder (\(architecture)) and writes no text; retrieval.embedder takes one as a folder"
        }
        return nil
    }

    private static let seeing = "it is the part of a model that sees; name the file of its language model"
}
