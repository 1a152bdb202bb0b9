// Which of the common programs do not take an adapter of some shape. Knows their rules as of their versions of November 2026,
// and loads nothing in them.

import Lineage

extension LoRAConfiguration {
    /// The highest rank that vLLM serves (0.33, `max_lora_rank`).
    private static let vLLMRank = 512

    /// What an adapter of this shape on a model does not load or merge in, as sentences; nil where there is nothing to say.
    public func limits(on decoder: DecoderConfiguration) -> String? {
        var limits: [String] = []
        if rank > Self.vLLMRank { limits.append("vLLM serves ranks up to \(Self.vLLMRank) (training.rank is \(rank))") }
        if targets.contains(.head) {
            // llama.cpp has no such tensor to adapt, MLX no such module; a merged head would be the embedding too.
            if decoder.tiesWordEmbeddings {
                limits.append(
                    """
                    llama.cpp and MLX refuse one on the output head where that is also the embedding, as here, and merging \
                    it would change the embedding too (training.targets has lm_head)
                    """)
            }
            // Its classes of these families name no module for it (`embedding_modules`).
            if [.qwen2, .mistral].contains(decoder.family) {
                let family = decoder.family.rawValue
                limits.append("vLLM takes none on the output head of \(family) models (training.targets has lm_head)")
            }
        }
        guard !limits.isEmpty else { return nil }
        return "The adapter loads in Hugging Face peft and here, but not everywhere: \(limits.joined(separator: "; "))."
    }
}
