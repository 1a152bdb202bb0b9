// Asks held-out questions and grades the replies, piece by piece so that a stopped evaluation goes on where it was. Knows
// the store and one expert; which adapter the expert wears is its own business.

import Distillation
import Generation
import Store
import Tokenizers

/// One evaluation of one model under one condition.
public struct Examiner {
    private let store: RunStore
    private let settings: EvaluationSettings
    private let prompts: Prompts
    private let condition: EvaluationCondition
    private let recipe: ContentKey
    private let runSeed: UInt64

    /// An examiner whose replies `recipe` names: model, adapter and settings.
    public init(
        store: RunStore, settings: EvaluationSettings, prompts: Prompts, condition: EvaluationCondition,
        recipe: ContentKey, runSeed: UInt64
    ) {
        self.store = store
        self.settings = settings
        self.prompts = prompts
        self.condition = condition
        self.recipe = recipe
        self.runSeed = runSeed
    }

    /// Bytes of documents whose keys and values one batch may hold, each document's once: some 32,000 tokens.
    private static let heldText = 1 << 17

    /// Questions cut into batches: for the oracle by documents, whole ones as far as a batch holds them.
    /// - Parameters:
    ///   - questions: what is asked.
    ///   - condition: with or without the documents.
    ///   - size: the most questions of a batch.
    ///   - length: bytes of a document's text.
    public static func batches(
        _ questions: [HeldOutQuestion], condition: EvaluationCondition, size: Int, length: (ContentKey) throws -> Int
    ) rethrows -> [[HeldOutQuestion]] {
        guard condition.book == .oracle else { return cut(questions, size) }
        var batches: [[HeldOutQuestion]] = []
        var held = 0
        for (documents, asked) in byDocuments(questions) {
            let length = try documents.reduce(0) { try $0 + length($1) }
            for part in cut(asked, size) {
                held += length
                if let last = batches.last, last.count + part.count <= size, held <= heldText {
                    batches[batches.count - 1] += part
                } else {
                    batches.append(part)
                    held = length
                }
            }
        }
        return batches
    }

    private static func byDocuments(
        _ questions: [HeldOutQuestion]
    ) -> [(documents: [ContentKey], questions: [HeldOutQuestion])] {
        var places: [[ContentKey]: Int] = [:]
        var groups: [(documents: [ContentKey], questions: [HeldOutQuestion])] = []
        for question in questions where !question.context.isEmpty {
            let place = places[question.context, default: groups.count]
            places[question.context] = place
            if place == groups.count { groups.append((question.context, [])) }
            groups[place].questions.append(question)
        }
        return groups
    }

    private static func cut(_ questions: [HeldOutQuestion], _ size: Int) -> [[HeldOutQuestion]] {
        stride(from: 0, to: questions.count, by: size).map {
            Array(questions[$0..<min($0 + size, questions.count)])
        }
    }

    /// Asks and grades a batch, unless that has been done.
    public func examine(_ batch: [HeldOutQuestion], with expert: LocalExpert) throws {
        let key = unitKey(batch)
        guard try !store.isFinished(recipe: recipe, key: key) else { return }
        let conversations = try batch.map { question in
            let id = Reply.id(heldOut: question.id, recipe: recipe, condition: condition.name)
            return Conversation(try messages(for: question), seed: id.seed(run: runSeed))
        }
        let rules = ReplyRules(sampling: settings.sampling, maximumTokens: settings.maximumTokens)
        let said = try expert.replies(to: conversations, rules: rules)
        let replies = zip(batch, said).map { question, reply in
            Reply(
                heldOut: question.id, recipe: recipe, condition: condition.name, text: reply.text,
                tokenCount: reply.tokens?.count ?? 0, isFinished: reply.isFinished,
                context: condition.book == .oracle ? question.context : [])
        }
        let grades = zip(batch, replies).map { question, reply in
            Grade(
                reply: reply.id, recipe: recipe, grader: SubstringGrader.name,
                verdict: SubstringGrader.isCorrect(reply: reply.text, golds: question.golds) ? .correct : .incorrect)
        }
        try store.finishUnit(
            UnitOfWork(recipe: recipe, key: key, counts: ["replies": replies.count]), replies: replies, grades: grades)
    }

    private func unitKey(_ batch: [HeldOutQuestion]) -> String {
        let ids = batch.map(\.id.description).joined(separator: " ")
        return "\(condition.name) \(ContentKey(of: "batch", ids))"
    }

    private func messages(for question: HeldOutQuestion) throws -> [ChatMessage] {
        let passages =
            try condition.book == .oracle ? question.context.compactMap { try store.document($0)?.passage } : []
        guard !passages.isEmpty else { return prompts.closedBook(question.question) }
        return prompts.openBook(passages.joined(separator: "\n\n"), question: question.question)
    }
}
