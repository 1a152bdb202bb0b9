// The teacher's part in the training: its head where it is another model than the base, and its reading of what the student
// writes itself.

import Basics
import Distillation
import Foundation
import LanguageModels
import Lineage
import Store

extension RunContext {
    /// Whether the student writes some of the answers.
    var isOnPolicy: Bool { configuration.onPolicy.share > 0 }

    /// Throws if the targets are of another teacher than the configuration's: their states would mean nothing to its head.
    func checkTargets(of answers: AnswerSet) throws {
        guard configuration.training.objective == .distillation else { return }
        let recorded = try store.recipe(answers.recipe)?.decoded(AnswersRecipe.self)
        guard try recorded?.teacher == name(ofModelAt: configuration.teacherPath) else {
            throw PipelineError.otherTeacher
        }
    }

    /// What makes logits of the targets; nil where the base is the teacher, or there is none.
    func teacherHead() throws -> TeacherHead? {
        let path = configuration.teacherPath
        guard configuration.training.objective == .distillation, path != configuration.model else { return nil }
        if let loaded = models.model(at: path) { return try TeacherHead(of: loaded) }
        return try TeacherHead(
            path: path, dtype: configuration.resolvedPrecision, device: configuration.resolvedDevice)
    }

    /// Has the student answer some of the questions, and the teacher read its answers with the document before it.
    func onPolicy(_ answers: any BatchSource) throws -> OnPolicySource {
        OnPolicySource(
            answers, settings: configuration.onPolicy, answerTokens: configuration.answers.maximumTokens,
            student: try model(), teacher: try teacher(), runSeed: configuration.trainingSeed)
    }
}
