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

package struct AnswersStage {
    private let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    package init(_ run: RunContext) { self.run = run }

    /// Writes the answers that are not there yet.
    func write(to questions: QuestionSet) throws -> AnswerSet {
        try run.checkTeacher()
        let recipe = try record(questions)
        try run.models.lending([configuration.expertPath, configuration.teacherPath]) {
            try run.timed(recipe) {
                try keep(recipe, to: questions) { open in
                    let writer = try run.answerWriter(recipe)
                    return try writer.write(on: open) { try expertAnswers($0, writer.rules, for: recipe) }
                }
            }
        }
        let totals = try run.store.answerTotals(recipe: recipe)
        let cut = totals.answers - totals.finished
        let limit = configuration.answers.maximumTokens
        let cutNote = cut == 0 ? "" : ", \(cut) of them cut at \(limit) tokens"
        let repeating = try run.store.totals(recipe: recipe)[AnswersRecipe.repeating] ?? 0
        let repeatNote = repeating == 0 ? "" : "; dropped: \(repeating) that repeat themselves until the limit"
        run.tell(
            .finished(.answers, summary: "\(totals.answers) answers, \(totals.tokens) tokens\(cutNote)\(repeatNote)"))
        if totals.answers == 0, repeating > 0 {
            run.tell(
                .notice(
                    """
                    All \(repeating) answers repeat themselves until their limit of \(limit) tokens, so there is nothing to \
                    learn: take a more capable model, or raise answers.sampling.temperature.
                    """))
        }
        return AnswerSet(questions: questions, recipe: recipe, count: totals.answers, tokens: totals.tokens)
    }

    /// Has the questions answered that lack answers under the recipe, and keeps the answers and their targets.
    /// - Parameter write: answers questions on some documents, in their order.
    package func keep(
        _ recipe: ContentKey, to questions: QuestionSet,
        write: ([(document: Document, questions: [Question])]) throws -> [WrittenAnswers]
    ) throws {
        try FileManager.default.createDirectory(at: run.folder.targets, withIntermediateDirectories: true)
        func unanswered(_ document: Document) throws -> [Question] {
            try run.store.unansweredQuestions(
                document: document.id, recipe: questions.recipe, answerRecipe: recipe,
                samples: configuration.answers.samples)
        }
        try run.eachWave(
            .answers, recipe, key: { try unitKey($0, questions) },
            size: { try unanswered($0).count * configuration.answers.samples }
        ) { wave in
            let written = try write(wave.map { ($0.document, try unanswered($0.document)) })
            return try zip(wave, written).map { try work($1, on: $0.key, recipe) }
        }
    }

    /// The expert's replies, with its tokens where they are the teacher's, else its words alone.
    private func expertAnswers(
        _ conversations: [Conversation], _ rules: ReplyRules, for recipe: ContentKey
    ) throws -> [ExpertReply] {
        let expert = try run.expert()
        let replies = try run.ask(expert, conversations, rules, for: recipe, limit: \.answers.maximumTokens)
        guard case .local(let local) = expert, configuration.expertPath != configuration.teacherPath,
            try !local.model.sharesTokens(with: run.teacher())
        else { return replies }
        return replies.map { ExpertReply(text: $0.text, isFinished: $0.isFinished, fault: $0.fault) }
    }

    private func record(_ questions: QuestionSet) throws -> ContentKey {
        try run.record(
            AnswersRecipe(
                questions: questions.recipe, writer: run.expertIdentity(),
                teacher: run.name(ofModelAt: configuration.teacherPath), precision: run.precision,
                systemMessage: configuration.systemMessage, seed: configuration.seed, settings: configuration.answers),
            .answers)
    }

    /// A document's questions may be edited after it has been answered, so they are part of the piece of work's name.
    private func unitKey(_ document: Document, _ questions: QuestionSet) throws -> String {
        let ids = try run.store.questions(document: document.id, recipe: questions.recipe).map(\.id.description)
        return "\(document.id) \(ContentKey(of: "questions", ids.joined(separator: " ")))"
    }

    /// Writes the shard of a piece of work, and makes the rows that point into it: a kill before those are kept leaves a file
    /// that is written again.
    private func work(_ all: WrittenAnswers, on key: String, _ recipe: ContentKey) throws -> DocumentWork {
        let written = all.answers
        var targets: [TeacherTarget] = []
        if !written.isEmpty {
            let name = "\(ContentKey(of: "shard", recipe.description, key)).safetensors"
            let starts = try TargetShard.write(
                written.map(\.teacher_Td), to: run.folder.targets.appending(path: name))
            targets = zip(written, starts).map { written, row in
                let place = TeacherTarget.Place(shard: name, row: row, count: written.answer.tokens.count)
                return TeacherTarget(answer: written.answer.id, recipe: recipe, place: place)
            }
        }
        return DocumentWork(
            counts: ["answers": written.count, AnswersRecipe.repeating: all.repeating],
            rows: WorkRows(answers: written.map(\.answer), targets: targets))
    }
}

extension RunContext {
    /// Writes answers as the configuration has them.
    func answerWriter(_ recipe: ContentKey) throws -> AnswerWriter {
        AnswerWriter(
            settings: configuration.answers, prompts: configuration.prompts, teacher: try teacher(),
            isExpert: configuration.expertPath == configuration.teacherPath, recipe: recipe,
            runSeed: configuration.seed, batchSize: configuration.generationBatchSize, secondDocument: store.document)
    }
}
