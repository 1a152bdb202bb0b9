// The teacher's part in the training: its head where it is another model than the base, and its reading of what the student
// writes itself.

import Basics
import Distillation
import Foundation
import LanguageModels
import Lineage
import Store
import Tokenizers

extension RunContext {
    /// Whether the student writes some of the answers.
    var isOnPolicy: Bool { configuration.onPolicy.share > 0 }

    /// Throws if the targets are of another teacher than the configuration's: their states would mean nothing to its head.
    func checkTargets(of answers: AnswerSet) throws {
        guard configuration.training.objective == .distillation else { return }
        let recorded = try store.recipe(answers.recipe)?.decoded(AnswersRecipe.self)
        guard try recorded?.teacher == fingerprint(at: configuration.teacherPath) else {
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

    /// Has the student answer questions, and the teacher read its answers with the document before it.
    func onPolicySampler(_ answers: AnswerSet) throws -> OnPolicySampler {
        let (teacher, writer) = (try teacher(), try answerWriter(answers.recipe))
        return OnPolicySampler(
            configuration.onPolicy, answerTokens: configuration.answers.maximumTokens, student: try model(),
            teacher: teacher, runSeed: configuration.trainingSeed
        ) { samples in
            try samples.map { try teacher.promptTokens(self.messages(behind: $0, writer)) }
        }
    }

    /// What the teacher was asked when it gave a sample's answer.
    private func messages(behind sample: TrainingSample, _ writer: AnswerWriter) throws -> [ChatMessage] {
        guard let key = ContentKey(sample.name), let answer = try store.answers(ids: [key]).first,
            let question = try store.questions(ids: [answer.question]).first,
            let document = try store.document(question.document)
        else { throw TrainingError.noSamples }
        return try writer.messages(to: question, on: document, sample: answer.sample)
    }
}
