// Asks held-out questions and grades the replies, piece by piece so that a stopped evaluation goes on where it was. Knows
// the store and one expert, not which adapter that has.

import Algorithms
import Basics
import Distillation
import Generation
import Lineage
import Statistics
import Store
import Tokenizers

/// A held-out question, and what the model has before it.
public struct AskedQuestion: Sendable, Equatable {
    public let question: HeldOutQuestion
    /// The documents that are read with it, in order.
    public let documents: [ContentKey]
    /// What is read of the one document there is, where that does not fit whole.
    public let cutPassage: String?

    /// A question with the documents that are read with it.
    public init(_ question: HeldOutQuestion, documents: [ContentKey] = [], cutPassage: String? = nil) {
        (self.question, self.documents, self.cutPassage) = (question, documents, cutPassage)
    }
}

/// One evaluation of one model under one condition.
public struct Examiner {
    private let store: RunStore
    private let settings: EvaluationSettings
    private let prompts: Prompts
    private let condition: EvaluationCondition
    private let recipe: ContentKey
    private let gradesByWords: ContentKey
    private let runSeed: UInt64

    /// An examiner whose replies `recipe` names: model, adapter and settings. It names their grades by substring too;
    /// `gradesByWords` names those that count.
    public init(
        store: RunStore, settings: EvaluationSettings, prompts: Prompts, condition: EvaluationCondition,
        recipe: ContentKey, gradesByWords: ContentKey, runSeed: UInt64
    ) {
        self.store = store
        self.settings = settings
        self.prompts = prompts
        self.condition = condition
        self.recipe = recipe
        self.gradesByWords = gradesByWords
        self.runSeed = runSeed
    }

    /// Bytes of documents whose keys and values one batch may hold, each document's once: some 32,000 tokens.
    private static let heldText = 1 << 17

    /// Questions cut into batches by what is read with them, whole groups of one context as far as a batch holds them.
    /// - Parameters:
    ///   - asked: what is asked, and with which documents.
    ///   - size: the most questions of a batch.
    ///   - length: bytes of a document's text.
    public static func batches(
        _ asked: [AskedQuestion], size: Int, length: (ContentKey) throws -> Int
    ) rethrows -> [[AskedQuestion]] {
        var batches: [[AskedQuestion]] = []
        var held = 0
        for (documents, asked) in byDocuments(asked) {
            let length = try documents.reduce(0) { try $0 + length($1) }
            for part in asked.chunks(ofCount: size) {
                held += length
                if let last = batches.last, last.count + part.count <= size, held <= heldText {
                    batches[batches.count - 1] += part
                } else {
                    batches.append(Array(part))
                    held = length
                }
            }
        }
        return batches
    }

    private static func byDocuments(
        _ asked: [AskedQuestion]
    ) -> [(documents: [ContentKey], asked: [AskedQuestion])] {
        var places: [[ContentKey]: Int] = [:]
        var groups: [(documents: [ContentKey], asked: [AskedQuestion])] = []
        for question in asked {
            let place = places[question.documents, default: groups.count]
            places[question.documents] = place
            if place == groups.count { groups.append((question.documents, [])) }
            groups[place].asked.append(question)
        }
        return groups
    }

    /// Whether a batch has been asked and graded.
    public func isFinished(_ batch: [AskedQuestion]) throws -> Bool {
        try store.isFinished(recipe: recipe, key: unitKey(batch))
    }

    /// Asks and grades a batch.
    public func examine(_ batch: [AskedQuestion], with expert: LocalExpert) throws {
        let conversations = try batch.map { asked in
            let id = Reply.id(heldOut: asked.question.id, recipe: recipe, condition: condition)
            return Conversation(try messages(for: asked), seed: id.seed(run: runSeed))
        }
        let rules = ReplyRules(sampling: settings.sampling, maximumTokens: settings.maximumTokens)
        let said = try expert.replies(to: conversations, rules: rules)
        let replies = zip(batch, said).map { asked, reply in
            Reply(
                heldOut: asked.question.id, recipe: recipe, condition: condition, text: reply.text,
                tokenCount: reply.tokens?.count ?? 0, isFinished: reply.isFinished, context: asked.documents)
        }
        let answered = zip(batch, replies).map { (question: $0.question, reply: $1) }
        let grades =
            TextGrader.wholeWords.grades(answered, recipe: gradesByWords)
            + TextGrader.substring.grades(answered, recipe: recipe)
        try store.finishUnit(
            UnitOfWork(recipe: recipe, key: unitKey(batch), counts: ["replies": replies.count]), replies: replies,
            grades: grades)
    }

    /// Grades by whole words what was asked by a version that graded by substring alone.
    public func gradeEarlierReplies(to asked: [AskedQuestion]) throws {
        let graded = try store.grades(recipe: gradesByWords, replies: recipe, condition: condition)
        let questions = Dictionary(asked.map { ($0.question.id, $0.question) }) { first, _ in first }
        let open = try store.replies(recipe: recipe, condition: condition).compactMap { reply in
            graded[reply.id] == nil ? questions[reply.heldOut].map { (question: $0, reply: reply) } : nil
        }
        guard !open.isEmpty else { return }
        try store.record(TextGrader.wholeWords.grades(open, recipe: gradesByWords))
    }

    private func unitKey(_ batch: [AskedQuestion]) -> String {
        let ids = batch.map(\.question.id.description).joined(separator: " ")
        return "\(condition.name) \(ContentKey(of: "batch", ids))"
    }

    private func messages(for asked: AskedQuestion) throws -> [ChatMessage] {
        let passages =
            try asked.cutPassage.map { [$0] } ?? asked.documents.compactMap { try store.document($0)?.passage }
        return condition.book.conversation(prompts, passages, question: asked.question.question)
    }
}

extension EvaluationCondition.Book {
    /// What the model is asked.
    /// - Parameter passages: the documents' texts, the best first; without any the question stands alone.
    public func conversation(_ prompts: Prompts, _ passages: [String], question: String) -> [ChatMessage] {
        guard !passages.isEmpty else { return prompts.closedBook(question) }
        if case .retrieved(_, .passages) = self { return prompts.retrieved(passages, question: question) }
        return prompts.openBook(passages.joined(separator: "\n\n"), question: question)
    }
}
