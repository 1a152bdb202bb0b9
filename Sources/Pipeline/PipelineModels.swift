// The models of a run that are on this machine: the base, and where the configuration names them, a teacher and an expert of
// their own. Each is loaded when a stage first needs it and let go by the next stage that does not.

import Distillation
import Generation
import LanguageModels
import Lineage
import Torch

/// The models that a pipeline has in memory, by their paths.
final class LoadedModels {
    var byPath: [String: LanguageModel] = [:]
}

extension RunConfiguration {
    /// Where the teacher is: the base model unless another is named.
    var teacherPath: String { teacher.isEmpty ? model : teacher }

    /// Where the model is that writes questions and answers; nil where an endpoint does.
    var expertPath: String? {
        guard expert.baseURL.isEmpty else { return nil }
        return expert.model.isEmpty ? model : expert.model
    }
}

extension Pipeline {
    /// The base model.
    func model() throws -> LanguageModel { try model(at: configuration.model) }

    /// The model with the document in its prompt: the base, without the adapter, unless another is named.
    func teacher() throws -> LanguageModel { try model(at: configuration.teacherPath) }

    /// A model on this machine.
    func model(at path: String) throws -> LanguageModel {
        if let loaded = models.byPath[path] { return loaded }
        // Bonito's models come with their own format and often without a chat template.
        let model = try LanguageModel(
            path: path, dtype: configuration.resolvedPrecision, device: configuration.resolvedDevice,
            needsChatTemplate: configuration.questions.style != .bonito || path != configuration.expertPath)
        models.byPath[path] = model
        return model
    }

    /// What names a model's weights in a recipe; does not load it.
    func fingerprint(at path: String) throws -> String {
        try models.byPath[path]?.fingerprint ?? LanguageModel.fingerprint(path: path)
    }

    /// Lets go of all models but these.
    func keepModels(at paths: [String?]) {
        models.byPath = models.byPath.filter { paths.contains($0.key) }
    }

    /// Throws if the teacher's tokens are not the student's. Loads no weights.
    func checkTeacher() throws {
        guard configuration.teacherPath != configuration.model else { return }
        try LanguageModel.checkTeacher(path: configuration.teacherPath, student: configuration.model)
    }
}
