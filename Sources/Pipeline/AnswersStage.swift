// Answers with teacher targets, a wave of documents at a time.

import Basics
import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store

/// The answers of a run.
public struct AnswerSet: Sendable, Hashable {
    /// The questions that they answer.
    public let questions: QuestionSet
    /// What names the rows.
    public let recipe: ContentKey
    /// Answers on the present documents.
    public let count: Int
    /// Tokens of all answers.
    public let tokens: Int
}

/// What answers and their targets depend on. The teacher's targets share the answers' recipe.
private struct AnswersRecipe: Encodable {
    let questions: ContentKey
    let writer: String
    let teacher: String
    let precision: String
    let systemMessage: String
    let seed: UInt64
    let settings: AnswerSettings
    /// Counts up when the wording of the prompts changes.
    let promptVersion = 2
}

extension Pipeline {
    /// Writes the answers that are not there yet.
    public func writeAnswers(to questions: QuestionSet) throws -> AnswerSet {
        try checkTeacher()
        let recipe = try answersRecipe(questions)
        keepModels(at: [configuration.expertPath, configuration.teacherPath])
        try timed(recipe) {
            try keepAnswers(recipe, to: questions) { open in
                let writer = try self.answerWriter(recipe)
                return try writer.write(on: open) { try self.expertAnswers($0, writer.rules, for: recipe) }
            }
        }
        let totals = try store.answerTotals(recipe: recipe)
        let cut = totals.answers - totals.finished
        let cutNote = cut == 0 ? "" : ", \(cut) of them cut at \(configuration.answers.maximumTokens) tokens"
        tell(.finished(.answers, summary: "\(totals.answers) answers, \(totals.tokens) tokens\(cutNote)"))
        return AnswerSet(questions: questions, recipe: recipe, count: totals.answers, tokens: totals.tokens)
    }

    /// Has the questions answered that lack answers under the recipe, and keeps the answers and their targets.
    /// - Parameter write: answers questions on some documents, in their order.
    package func keepAnswers(
        _ recipe: ContentKey, to questions: QuestionSet,
        write: ([(document: Document, questions: [Question])]) throws -> [[WrittenAnswer]]
    ) throws {
        try FileManager.default.createDirectory(at: RunFolder(directory).targets, withIntermediateDirectories: true)
        func unanswered(_ document: Document) throws -> [Question] {
            try store.unansweredQuestions(
                document: document.id, recipe: questions.recipe, answerRecipe: recipe,
                samples: configuration.answers.samples)
        }
        try eachWave(
            .answers, recipe, corpus(), key: { try self.unitKey($0, questions) },
            size: { try unanswered($0).count * self.configuration.answers.samples }
        ) { wave in
            let written = try write(wave.map { ($0.document, try unanswered($0.document)) })
            return try zip(wave, written).map { try self.work($1, on: $0.key, recipe) }
        }
    }

    /// The answers as a stage finds them that is run alone.
    package func answers() throws -> AnswerSet {
        guard let recipe = try store.recipes(stage: "answers").first?.key else {
            throw PipelineError.missingStage(needed: .answers, run: .train)
        }
        let totals = try store.answerTotals(recipe: recipe)
        return AnswerSet(questions: try questions(), recipe: recipe, count: totals.answers, tokens: totals.tokens)
    }

    /// Writes answers as the configuration has them.
    func answerWriter(_ recipe: ContentKey) throws -> AnswerWriter {
        AnswerWriter(
            settings: configuration.answers, prompts: configuration.prompts, teacher: try teacher(),
            isExpert: configuration.expertPath == configuration.teacherPath, recipe: recipe,
            runSeed: configuration.seed, batchSize: configuration.generationBatchSize, secondDocument: store.document)
    }

    /// The expert's replies, with its tokens where they are the teacher's, else its words alone.
    private func expertAnswers(
        _ conversations: [Conversation], _ rules: ReplyRules, for recipe: ContentKey
    ) throws -> [ExpertReply] {
        let expert = try expert()
        let replies = try ask(expert, conversations, rules, for: recipe)
        guard case .local(let local) = expert, configuration.expertPath != configuration.teacherPath,
            try !local.model.sharesTokens(with: teacher())
        else { return replies }
        return replies.map { ExpertReply(text: $0.text, isFinished: $0.isFinished) }
    }

    private func answersRecipe(_ questions: QuestionSet) throws -> ContentKey {
        try recordRecipe(
            "answers",
            AnswersRecipe(
                questions: questions.recipe, writer: expertIdentity(),
                teacher: fingerprint(at: configuration.teacherPath),
                precision: "\(configuration.resolvedPrecision)", systemMessage: configuration.systemMessage,
                seed: configuration.seed, settings: configuration.answers))
    }

    /// A document's questions may be edited after it has been answered, so they are part of the piece of work's name.
    private func unitKey(_ document: Document, _ questions: QuestionSet) throws -> String {
        let ids = try store.questions(document: document.id, recipe: questions.recipe).map(\.id.description)
        return "\(document.id) \(ContentKey(of: "questions", ids.joined(separator: " ")))"
    }

    /// Writes the shard of a piece of work, and makes the rows that point into it: a kill before those are kept leaves a file
    /// that is written again.
    private func work(_ written: [WrittenAnswer], on key: String, _ recipe: ContentKey) throws -> DocumentWork {
        var targets: [TeacherTarget] = []
        if !written.isEmpty {
            let name = "\(ContentKey(of: "shard", recipe.description, key)).safetensors"
            let starts = try TargetShard.write(
                written.map(\.teacher_Td), to: RunFolder(directory).targets.appending(path: name))
            targets = zip(written, starts).map { written, row in
                let place = TeacherTarget.Place(shard: name, row: row, count: written.answer.tokens.count)
                return TeacherTarget(answer: written.answer.id, recipe: recipe, place: place)
            }
        }
        return DocumentWork(
            counts: ["answers": written.count], rows: WorkRows(answers: written.map(\.answer), targets: targets))
    }
}
