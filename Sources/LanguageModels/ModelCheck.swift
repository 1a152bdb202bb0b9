// Whether a model can be used, for those that need it later: what loading it would find, without keeping its weights.

import Tokenizers
import Torch

extension LanguageModel {
    /// Throws what loading the model at a path would throw. Reads it whole, a tensor at a time.
    public static func check(path: String, dtype: DType, needsChatTemplate: Bool = true) throws {
        let files = try modelSource(path: path)
        let tokenizer = try files.tokenizer()
        let template = try tokenizer.chatTemplate.map(ChatTemplate.init)
        if template == nil, needsChatTemplate { throw noTemplate(path) }
        let ends = try turnEnds(path, files, template, tokenizer).stopTokens
        _ = try VocabularyFit(files, tokenizer, ends: ends, device: .cpu)
        _ = try files.decoder(dtype: dtype, device: .cpu) { _ throws(TorchError) in try .empty([0]) }
    }
}
