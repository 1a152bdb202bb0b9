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
        case .unusedTensor(let file, let name, let family, let others):
            "\(file) has a tensor \"\(name)\"\(others == 0 ? "" : " and \(others) more") that no layer of a \(family) model "
                + "uses as its configuration has it; it is of another architecture, or its configuration is not its own."
        case .wrongShape(let file, let name, let expected, let found):
            "\(file): tensor \"\(name)\" has shape \(found), the configuration says \(expected)."
        case .noModel(let path, let reason): "No model at \(path): \(reason)."
        case .refusesSystemMessage(let path, let said):
            "The chat template of \(path) takes no system message (it says: \(said)). Set systemMessage to '' (empty)."
        case .wrongBase(let adapter, let reason): "The adapter \(adapter) does not fit this model: \(reason)."
        case .otherTokens(let teacher, let model, let reason):
            "\(teacher) cannot teach \(model), for a student learns its teacher's probabilities token by token: \(reason). "
                + "Choose a teacher of the same family, or let it write the answers only: name it as expert.model."
        case .tooLong(let tokens, let limit):
            "A sequence of \(tokens) tokens does not fit the model's \(limit); shorten the document or split it."
        }
    }
}
