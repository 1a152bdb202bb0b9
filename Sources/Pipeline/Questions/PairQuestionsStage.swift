// Questions that need two documents, as a part of the questions stage: a unit of work a document and its partners, so that a
// document that gets other partners is asked about anew.

import Basics
import Distillation
import Generation
import Lineage
import Store

extension QuestionsStage {
    /// Writes the questions on pairs that are not there yet.
    func keepPairs(
        _ recipe: ContentKey, by writer: QuestionWriter, reply: AskExpert
    ) throws {
        let kinship = try DocumentPartners { try run.store.documents().forEach($0) }
        func partners(_ document: Document) -> [ContentKey] {
            kinship.partners(of: document.id, count: run.configuration.questions.pairs)
        }
        func unitKey(_ document: Document) -> String {
            "\(document.id) with \(partners(document).map(\.description).joined(separator: " "))"
        }
        try run.eachWave(.questions, recipe, key: unitKey, size: { partners($0).count }) { wave in
            let documents = wave.map(\.document)
            let pairs = try documents.map { ($0, try partners($0).compactMap(run.store.document)) }
            let positions = try documents.map { try run.store.questions(document: $0.id, recipe: recipe).count }
            return try writer.write(onPairs: pairs, after: positions, reply: reply)
                .map { DocumentWork(counts: $0.counts, rows: WorkRows(questions: $0.questions)) }
        }
    }
}
