// Questions that need two documents, as a part of the questions stage: a unit of work a document and its partners, so that a
// document that gets other partners is asked about anew.

import Distillation
import Generation
import Store

extension Pipeline {
    /// Writes the questions on pairs that are not there yet.
    package func keepPairQuestions(
        _ recipe: ContentKey, on corpus: Corpus, by writer: QuestionWriter, reply: AskExpert
    ) throws {
        let kinship = try DocumentPartners { try self.store.documents().forEach($0) }
        func partners(_ document: Document) -> [ContentKey] {
            kinship.partners(of: document.id, count: configuration.questions.pairs)
        }
        func unitKey(_ document: Document) -> String {
            "\(document.id) with \(partners(document).map(\.description).joined(separator: " "))"
        }
        try eachWave(.questions, recipe, corpus, key: unitKey, size: { partners($0).count }) { documents in
            let pairs = try documents.map { ($0, try partners($0).compactMap(self.store.document)) }
            let positions = try documents.map { try self.store.questions(document: $0.id, recipe: recipe).count }
            let written = try writer.write(onPairs: pairs, after: positions, reply: reply)
            for (document, written) in zip(documents, written) {
                let unit = UnitOfWork(recipe: recipe, key: unitKey(document), counts: written.counts)
                try self.store.finishUnit(unit, questions: written.questions)
            }
            return written.map(\.questions.count)
        }
    }
}
