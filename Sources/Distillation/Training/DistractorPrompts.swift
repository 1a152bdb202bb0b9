// The student's prompts in training with distractors (paper, section 4.3, after RAFT, Zhang et al. 2024): the question's document
// among others of the corpus in random order, and at times the others alone, so that the student learns to read what a
// retriever finds and to answer where that lacks the answer. It is asked in the words of the evaluation with retrieved
// documents. Knows documents and questions, not targets.

import Basics
import LanguageModels
import Lineage
import Store

/// Makes the prompts of one training.
public struct DistractorPrompts {
    private let store: RunStore
    private let model: LanguageModel
    private let prompts: Prompts
    /// The documents of the corpus.
    private let documents: [ContentKey]
    private let count: Int
    private let omission: Double
    private let seed: UInt64

    /// The share of prompts without the question's document (paper, section 4.3).
    private static let paperOmission = 0.4

    /// nil where training has no distractors.
    /// - Parameter seed: the run's.
    public init?(store: RunStore, model: LanguageModel, prompts: Prompts, settings: TrainingSettings, seed: UInt64)
        throws
    {
        guard let count = settings.distractors else { return nil }
        var documents: [ContentKey] = []
        try store.documents().forEach { documents.append($0.id) }
        (self.store, self.model, self.documents, self.count) = (store, model, documents, count)
        (self.prompts, self.seed) = (prompts, seed)
        omission = settings.documentOmission ?? DistractorPrompts.paperOmission
    }

    /// Names samples whose prompts these are: a document that nothing is asked about may still stand in one.
    public func key(of data: ContentKey) -> ContentKey { ContentKey(of: "distractors", keys: [data] + documents) }

    /// The tokens before an answer; they follow from the run's seed and the answer's key. Of prompts that the model cannot
    /// read whole with their answer, distractors are left out.
    func prompt(of row: TrainingAnswer) throws -> [Int] {
        let chosen = DistractorPrompts.choose(
            from: documents, own: [row.document] + (row.secondDocument.map { [$0] } ?? []), distractors: count,
            omission: omission, seed: ContentKey(of: "distractors", row.answer.description).seed(run: seed))
        let room = model.decoder.configuration.maximumPositions - row.tokens.count
        for kept in stride(from: chosen.distractors.count, through: 0, by: -1) {
            let left = Set(chosen.distractors.dropFirst(kept))
            let passages = try chosen.order.filter { !left.contains($0) }.map { try store.trainingDocument($0).passage }
            guard !passages.isEmpty else { break }
            let tokens = try model.promptTokens(prompts.retrieved(passages, question: row.question))
            if tokens.count <= room { return tokens }
        }
        return try model.promptTokens(prompts.closedBook(row.question))
    }

    /// - Parameter own: the documents that the answer is in, which are among all.
    /// - Returns: the distractors, and all documents of the prompt in their order.
    static func choose(
        from documents: [ContentKey], own: [ContentKey], distractors: Int, omission: Double, seed: UInt64
    ) -> (distractors: [ContentKey], order: [ContentKey]) {
        var random = SplitMix64(seed: seed)
        let isOmitted = random.nextUniform() <= omission
        var chosen: [ContentKey] = []
        // Drawn one by one, since a corpus of a million documents is not shuffled for two of them.
        while chosen.count < min(distractors, documents.count - own.count) {
            let document = documents[Int.random(in: documents.indices, using: &random)]
            if !own.contains(document), !chosen.contains(document) { chosen.append(document) }
        }
        return (chosen, (chosen + (isOmitted ? [] : own)).shuffled(using: &random))
    }
}
