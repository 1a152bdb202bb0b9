// What a model's files say of the way in which it reads a conversation and ends a reply, as hashes that do not depend on who
// reads them: of the files' own words, not of what this version makes of them. Loads no weights.

import Basics
import Foundation
import Lineage
import ModelFiles
import Tokenizers

extension LanguageModel {
    /// What names the model at a path, read by templates that are told `settings`.
    public static func identity(path: String, template settings: TemplateSettings) throws -> ModelIdentity {
        let files = try modelSource(path: path)
        let source = try files.tokenizer().chatTemplate ?? ""
        var parts = try files.reading()
        parts[.chatTemplate] = digest(source)
        parts[.stopTokens] = files.stopTokens().sorted().map(String.init).joined(separator: ", ")
        if source.contains("think") { parts[.thinks] = "\(settings.thinks)" }
        if !source.isEmpty { parts[.variables] = settings.variables.json?.text }
        if source.contains("strftime_now") { parts[.date] = settings.date }
        return ModelIdentity(weights: try files.fingerprint(), parts: parts)
    }
}

extension ModelDirectory {
    /// Without what programs write that save a model, and what is said of its format.
    private static let told: Set<String> = [
        "_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "use_cache",
    ]

    func reading() throws -> [ModelIdentity.Part: String] {
        func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) }
        var settings = try JSONDecoder().decode([String: JSONValue].self, from: contents("config.json"))
        settings = settings.filter { !Self.told.contains($0.key) }
        // How far a model reads changes nothing of what it reads, unless positions are scaled by it.
        if configuration.layers.allSatisfy({ $0.rope.scaling == .none }) { settings["max_position_embeddings"] = nil }
        return [
            .tokenizer: try contents("tokenizer.json").withUnsafeBytes { digest($0) },
            .configuration: digest(JSONValue.object(settings).text),
        ]
    }
}

extension GGUFModel {
    func reading() throws -> [ModelIdentity.Part: String] {
        let template = "tokenizer.chat_template"
        let architecture = file.architecture ?? ""
        var settings = file.metadata.filter { $0.key.hasPrefix("\(architecture).") }
        if configuration.layers.allSatisfy({ $0.rope.scaling == .none }) {
            settings["\(architecture).context_length"] = nil
        }
        return [
            .tokenizer: digest(of: file.metadata.filter { $0.key.hasPrefix("tokenizer.") && $0.key != template }),
            .configuration: digest(of: settings),
        ]
    }
}

private func digest(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hex(hash)
}

private func digest(_ text: String) -> String {
    var hash = SHA256()
    hash.update(text)
    return hex(hash)
}

private func digest(of metadata: [String: GGUFValue]) -> String {
    var hash = SHA256()
    func update(_ value: GGUFValue) {
        switch value {
        case .array(let values):
            hash.update("[\(values.count)]")
            values.forEach(update)
        case .text(let text): hash.update("\(text.utf8.count) \(text)")
        case .integer(let number): hash.update("\(number);")
        case .largeInteger(let number): hash.update("\(number);")
        case .number(let number): hash.update("\(number.bitPattern);")
        case .boolean(let flag): hash.update("\(flag);")
        }
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
        hash.update("\(key)\n")
        update(value)
    }
    return hex(hash)
}

private func hex(_ hash: consuming SHA256) -> String {
    hash.finalize().prefix(16).map { String(format: "%02x", $0) }.joined()
}
