// Asks multiple-choice questions batch by batch, so that a stopped measurement goes on where it was. Knows the store and one
// expert, not which adapter that has.

import Basics
import Distillation
import Generation
import LanguageModels
import Lineage
import Store

/// One measurement of one model's choices.
public struct MultipleChoiceExaminer {
    private let store: RunStore
    private let prompts: Prompts
    private let measure: ChoiceMeasure
    private let recipe: ContentKey

    /// An examiner whose choices `recipe` names: model, adapter and measure.
    public init(store: RunStore, prompts: Prompts, measure: ChoiceMeasure, recipe: ContentKey) {
        self.store = store
        self.prompts = prompts
        self.measure = measure
        self.recipe = recipe
    }

    /// Characters that a batch may hold with each row as long as its longest: some 16,000 tokens. Attention pads rows to it.
    private static let heldText = 1 << 16

    /// Questions in their order, cut into batches of at most `size`, fewer where they are long.
    public static func batches(_ questions: [MultipleChoiceQuestion], size: Int) -> [[MultipleChoiceQuestion]] {
        var batches: [[MultipleChoiceQuestion]] = []
        var longest = 0
        for question in questions {
            longest = max(longest, question.listing.count)
            if let last = batches.last, last.count < size, (last.count + 1) * longest <= heldText {
                batches[batches.count - 1].append(question)
            } else {
                batches.append([question])
                longest = question.listing.count
            }
        }
        return batches
    }

    /// The questions that the model can read, with room for the reply.
    public func readable(_ questions: [MultipleChoiceQuestion], by expert: LocalExpert) throws
        -> [MultipleChoiceQuestion]
    {
        let limit = expert.model.decoder.configuration.maximumPositions
        let scorer = OptionScorer(expert.model, prompts: prompts)
        return try questions.filter { try scorer.length($0, measure) <= limit }
    }

    /// Takes note of the expert's choices in a batch, unless that has been done.
    public func examine(_ batch: [MultipleChoiceQuestion], with expert: LocalExpert) throws {
        let key = ContentKey(of: "batch", batch.map(\.id.description).joined(separator: " ")).description
        guard try !store.isFinished(recipe: recipe, key: key) else { return }
        let choices = try choices(batch, of: expert)
        let counts = ["choices": choices.count, "unparsed": choices.count { $0.option == nil }]
        try store.finishUnit(UnitOfWork(recipe: recipe, key: key, counts: counts), choices: choices)
    }

    private func choices(_ batch: [MultipleChoiceQuestion], of expert: LocalExpert) throws -> [Choice] {
        let scorer = OptionScorer(expert.model, adapter: expert.adapter, prompts: prompts)
        switch measure {
        case .letter: return zip(batch, try scorer.letterScores(batch)).map(choice)
        case .words: return try batch.map { choice($0, try scorer.wordScores($0)) }
        case .reply(let stepByStep, let maximumTokens):
            let conversations = batch.map {
                Conversation(prompts.multipleChoice($0, stepByStep: stepByStep), seed: 0)
            }
            let rules = ReplyRules(sampling: .greedy, maximumTokens: maximumTokens)
            return zip(batch, try expert.replies(to: conversations, rules: rules)).map { question, reply in
                Choice(
                    question: question.id, recipe: recipe,
                    option: NamedLetter.option(in: reply.text, options: question.options), reply: reply.text)
            }
        }
    }

    /// The option with the highest score; none where training has left a model without numbers.
    private func choice(_ question: MultipleChoiceQuestion, _ scores: [Double]) -> Choice {
        guard scores.allSatisfy(\.isFinite) else { return Choice(question: question.id, recipe: recipe, option: nil) }
        let best = scores.indices.max { scores[$0] < scores[$1] }
        return Choice(question: question.id, recipe: recipe, option: best, scores: scores)
    }
}
