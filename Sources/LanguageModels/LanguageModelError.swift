// What can be wrong with a model or an adapter, as data; the wording is here and nowhere else.

/// A model or adapter that cannot be used.
public enum LanguageModelError: Error, Sendable, Hashable {
    /// A number in the model's configuration that cannot be.
    case badConfiguration(String)
    /// A key that the configuration lacks or has in another type.
    case missingConfigurationKey(file: String, key: String)
    /// A family or variant that is not built in.
    case unsupported(file: String, what: String, supported: String)
    /// A tensor that the architecture needs is not in the file; the layer is nil for what stands outside the layers.
    case missingTensor(file: String, name: String, layer: Int?)
    /// A tensor of a layer that the architecture has no use for, and how many more there are.
    case unusedTensor(file: String, name: String, family: String, others: Int)
    /// A tensor that has another shape than the architecture gives it.
    case wrongShape(file: String, name: String, expected: [Int], found: [Int])
    /// A tensor with values that are NaN or infinite.
    case notFinite(file: String, name: String)
    /// A tensor with values that are beyond what the compute type can hold.
    case overflow(file: String, name: String, type: String)
    /// A tensor of whole numbers where weights should be: a part of quantised ones.
    case quantisedTensor(file: String, name: String, type: String)
    /// A tokenizer and an embedding of two models: they differ by more than padding.
    case otherVocabulary(path: String, tokens: Int, rows: Int)
    /// Tokens of the tokenizer that the embedding has no rows for; the first of them.
    case tokensWithoutRows(path: String, token: String, id: Int, count: Int, embedding: String, rows: Int)
    /// A token that is to end replies and is none.
    case stopTokenWithoutRow(path: String, id: Int, rows: Int)
    /// A folder whose tokenizer is in SentencePiece's own file alone.
    case tokenizerOfSentencePiece(path: String)
    /// A place that holds no model.
    case noModel(path: String, reason: String)
    /// A chat template without a place for a system message, and what it says.
    case refusesSystemMessage(path: String, said: String)
    /// An adapter made for another base model.
    case wrongBase(adapter: String, reason: String)
    /// A teacher whose tokens are not the student's.
    case otherTokens(teacher: String, model: String, reason: String)
    /// A sequence that is longer than the model can read.
    case tooLong(tokens: Int, limit: Int)
}

extension LanguageModelError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .badConfiguration(let what): "The model's configuration cannot be right: \(what)."
        case .missingConfigurationKey(let file, let key): "\(file) has no usable \"\(key)\"; is the file complete?"
        case .unsupported(let file, let what, let supported):
            "\(file): \(what) is not supported; supported: \(supported)."
        case .missingTensor(let file, let name, let layer):
            "\(file) has no tensor \"\(name)\", which its architecture needs\(layer.map { " in layer \($0)" } ?? "")."
                + (name.hasSuffix(".bias")
                    ? " Its family has biases, or its configuration says so (attention_bias)."
                    : " Download it again, or take another conversion of it.")
        case .unusedTensor(let file, let name, let family, let others):
            "\(file) has a tensor \"\(name)\"\(others == 0 ? "" : " and \(others) more") that no layer of a \(family) model "
                + "uses as its configuration has it; it is of another architecture, or its configuration is not its own"
                + (name.hasSuffix(".bias") ? " (attention_bias and mlp_bias say which biases there are)." : ".")
        case .wrongShape(let file, let name, let expected, let found):
            "\(file): tensor \"\(name)\" has shape \(found), the configuration says \(expected). Take both from one place."
        case .notFinite(let file, let name):
            """
            \(file): tensor "\(name)" holds values that are no numbers (NaN or infinity). The download or the conversion is \
            broken: download the file again, or convert the original again.
            """
        case .overflow(let file, let name, let type):
            """
            \(file): tensor "\(name)" holds values that are too large for \(type). Set `precision: float32`, or check the file: \
            no trained weights are that large.
            """
        case .quantisedTensor(let file, let name, let type):
            """
            \(file): tensor "\(name)" is of type \(type), so the weights are quantised in a way that is not read. Take the model \
            that was quantised, in bfloat16, float16 or float32, or a GGUF file of it.
            """
        case .otherVocabulary(let path, let tokens, let rows):
            """
            \(path): the tokenizer has \(tokens) tokens and the embedding \(rows) rows, so they are of two models. Take the \
            tokenizer's files that came with the weights.
            """
        case .tokensWithoutRows(let path, let token, let id, let count, let embedding, let rows):
            """
            \(path): the tokenizer's token "\(token)" has id \(id)\(count == 1 ? "" : " and \(count - 1) more follow"), but \
            "\(embedding)" ends with row \(rows - 1): tokens were added and the embedding was not resized. Take the \
            tokenizer's files that came with the weights, or the weights after resizing.
            """
        case .stopTokenWithoutRow(let path, let id, let rows):
            """
            \(path): token \(id) is to end replies (eos_token_id), but the embedding ends with row \(rows - 1). The \
            configuration is of another model; correct or remove its eos_token_id.
            """
        case .tokenizerOfSentencePiece(let path):
            """
            \(path) has tokenizer.model and no tokenizer.json, which is read. transformers makes one: \
            `AutoTokenizer.from_pretrained("\(path)").save_pretrained("\(path)")`.
            """
        case .noModel(let path, let reason): "No model at \(path): \(reason)."
        case .refusesSystemMessage(let path, let said):
            "The chat template of \(path) takes no system message (it says: \(said)). Set systemMessage to '' (empty)."
        case .wrongBase(let adapter, let reason): "The adapter \(adapter) does not fit this model: \(reason)."
        case .otherTokens(let teacher, let model, let reason):
            "\(teacher) cannot teach \(model), for a student learns its teacher's probabilities token by token: \(reason). "
                + "Choose a teacher of the same family, or let it write the answers only: name it as expert.model."
        case .tooLong(let tokens, let limit):
            "A prompt and its reply may take \(tokens) tokens, and the model reads \(limit): shorten the document, or lower "
                + "maximumPassageTokens or the stage's maximumTokens."
        }
    }
}
