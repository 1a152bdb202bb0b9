// The models of a run that are on this machine: the base, and where the configuration names them, a teacher, an expert and a
// judge of their own. A stage borrows what it needs; what it does not need is let go of when it begins.

import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import Torch

/// Models in memory, by their paths.
final class ModelPool {
    fileprivate var loaded: [String: LanguageModel] = [:]
    /// What names models in recipes, by their paths.
    fileprivate var names: [String: String] = [:]

    func model(at path: String) -> LanguageModel? { loaded[path] }

    /// Runs a body that needs these models and no others.
    func lending<Result>(_ paths: [String?], _ body: () throws -> Result) rethrows -> Result {
        loaded = loaded.filter { paths.contains($0.key) }
        return try body()
    }
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

extension RunContext {
    func model() throws -> LanguageModel { try model(at: configuration.model) }

    /// The model with the document in its prompt: the base, without the adapter, unless another is named.
    func teacher() throws -> LanguageModel { try model(at: configuration.teacherPath) }

    /// A model on this machine, loaded when it is first needed.
    func model(at path: String) throws -> LanguageModel {
        if let loaded = models.loaded[path] { return loaded }
        let model = try LanguageModel(
            path: path, dtype: configuration.resolvedPrecision, device: configuration.resolvedDevice,
            needsChatTemplate: needsChatTemplate(path), templateSettings: templateSettings())
        model.notices.forEach { tell(.notice($0)) }
        if !configuration.systemMessage.isEmpty, try model.dropsSystemMessages() {
            tell(.notice("The chat template of \(path) leaves systemMessage out: the model does not read it."))
        }
        models.loaded[path] = model
        return model
    }

    /// What names a model in a recipe; does not load it. Tells once where the same weights read otherwise than when the run
    /// began, as with an edited chat template.
    func name(ofModelAt path: String) throws -> String {
        if let name = models.names[path] { return name }
        let identity = try LanguageModel.identity(path: path, template: templateSettings())
        let first = try store.firstParts(of: identity)
        let name = identity.name(since: first)
        models.names[path] = name
        for part in identity.changes(since: first) { tell(.notice(notice(of: part, of: path, identity, first))) }
        return name
    }

    private func notice(
        of part: ModelIdentity.Part, of path: String, _ identity: ModelIdentity, _ first: [ModelIdentity.Part: String]
    ) -> String {
        let consequence = "what \(path) writes is made anew; earlier rows are kept."
        switch part {
        case .chatTemplate, .tokenizer, .configuration, .stopTokens:
            return "The \(part.rawValue) of \(path) has changed since this run began: \(consequence)"
        case .thinks, .variables, .date:
            return "\(part.rawValue) was \(first[part] ?? ""), is \(identity.parts[part] ?? ""): \(consequence)"
        }
    }

    /// Templates that tell a day tell the one on which the run began, so that going on with it another day changes nothing.
    private func templateSettings() throws -> TemplateSettings {
        var settings = configuration.template
        if settings.date.isEmpty { settings.date = try CalendarDay(store.beginning() ?? Date()).description }
        return settings
    }

    /// Bonito's models come with their own format and often without a chat template.
    private func needsChatTemplate(_ path: String) -> Bool {
        configuration.questions.style != .bonito || path != configuration.expertPath
    }

    /// Throws if a teacher or an expert beside the base cannot be used, which would else be found when a stage first needs it.
    /// Reads their weights, so not again once there has been work on answers.
    func checkOtherModels() throws {
        guard configuration.training.objective.needsAnswers, try store.recipes(stage: .answers).isEmpty else { return }
        let paths = Set([configuration.teacherPath, configuration.expertPath ?? configuration.teacherPath])
        for path in paths where path != configuration.model {
            try LanguageModel.check(
                path: path, dtype: configuration.resolvedPrecision, needsChatTemplate: needsChatTemplate(path))
        }
    }

    /// Throws if the teacher's tokens are not the student's. Loads no weights.
    func checkTeacher() throws {
        guard configuration.teacherPath != configuration.model else { return }
        try LanguageModel.checkTeacher(path: configuration.teacherPath, student: configuration.model)
    }
}
