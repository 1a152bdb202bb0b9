// What the tensors of a decoder are called in the files that hold them: each family has one table, in its own file. Knows
// names, not shapes.

import Lineage
import ModelFiles

/// A tensor's part in a decoder, whatever files call it.
enum DecoderWeight: Sendable, Hashable {
    case embedding, finalNorm
    /// Before attention, and before the feed-forward layer.
    case inputNorm, feedForwardNorm
    /// Of each head of q and of k.
    case queryNorm, keyNorm
    /// Of what attention and the feed-forward layer add.
    case attentionOutputNorm, feedForwardOutputNorm
    case projection(Projection)

    var isNorm: Bool {
        switch self {
        case .embedding, .projection: false
        default: true
        }
    }
}

/// One tensor of one decoder.
struct TensorAddress: Hashable {
    let weight: DecoderWeight
    /// Nil for what stands outside the layers.
    var layer: Int?
    var isBias = false
}

/// A family's table of names.
struct CheckpointNames: Sendable, Hashable {
    /// A tensor's names without ".weight" and ".bias"; `#` stands for the layer's number.
    struct Row: Sendable, Hashable {
        let huggingFace: String
        let gguf: String
        /// What PEFT's `target_modules` calls it; nil for what carries no adapter.
        let lora: String?

        init(_ huggingFace: String, _ gguf: String, lora: String? = nil) {
            (self.huggingFace, self.gguf, self.lora) = (huggingFace, gguf, lora)
        }
    }

    var rows: [DecoderWeight: Row]
    /// What stands for "model." at the beginning of the names in a Hugging Face checkpoint: the first that the checkpoint has.
    var huggingFaceRoots = ["model."]
    /// The same in the names of PEFT's modules.
    var loraRoot = "model."
    /// Whether GGUF files store the rows of q and k so that neighbours are rotated together, and not row i with row i + D/2.
    var interleavesHeadsInGGUF = false
    /// What is added to the norms' weights of a Hugging Face checkpoint; GGUF files hold the sums.
    var huggingFaceNormOffset = 0.0

    func huggingFace(_ address: TensorAddress, root: String) -> String? {
        rows[address.weight].map { filled($0.huggingFace, address.layer, root: root) + suffix(address) }
    }

    func gguf(_ address: TensorAddress) -> String? {
        rows[address.weight].map { filled($0.gguf, address.layer) + suffix(address) }
    }

    /// The path of an adapted module, after which PEFT names the adapter's tensors.
    func module(_ projection: Projection, layer: Int) throws(LanguageModelError) -> String {
        guard let row = rows[.projection(projection)], row.lora != nil else {
            throw .unsupported(
                file: "the adapter", what: "an adapter on \"\(projection.rawValue)\"", supported: loraTargets)
        }
        return filled(row.huggingFace, layer, root: loraRoot)
    }

    /// The projection that PEFT calls so.
    func projection(lora name: String) -> Projection? {
        Projection.allCases.first { rows[.projection($0)]?.lora == name }
    }

    func lora(_ projection: Projection) -> String? { rows[.projection(projection)]?.lora }

    /// All names that adapters may target, for messages.
    var loraTargets: String { Projection.allCases.compactMap(lora).joined(separator: ", ") }

    private func filled(_ name: String, _ layer: Int?, root: String = "model.") -> String {
        let rooted = name.hasPrefix("model.") ? root + name.dropFirst("model.".count) : name
        return layer.map { rooted.replacing("#", with: "\($0)") } ?? rooted
    }

    private func suffix(_ address: TensorAddress) -> String { address.isBias ? ".bias" : ".weight" }
}
