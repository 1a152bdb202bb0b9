// Work on many documents at a time, so that rows of many documents follow each other without a gap, committed a wave at a
// time. Knows nothing of what the work is.

import Basics
import Distillation
import Lineage
import Store

/// What came of the work on one document.
struct DocumentWork {
    /// What the unit of work counts.
    let counts: [String: Int]
    let rows: WorkRows
    /// Whether the work need not be done again. It is where it ended, but for an endpoint that may read more another time.
    var isFinished = true

    /// Rows that a person would count.
    fileprivate var made: Int { rows.questions.count + rows.answers.count }
}

extension RunContext {
    /// Requests of one wave: four full batches. What a kill loses is a wave.
    var waveSize: Int { 4 * configuration.generationBatchSize }

    /// Does a piece of work on every document that has not had it under the recipe, as many documents at a time as make a wave
    /// of requests. Results depend on what else is in a batch, in the last bits, so a wave is committed whole.
    /// - Parameters:
    ///   - key: what the piece of work on a document is called.
    ///   - size: requests on a document.
    ///   - body: does it on some documents, given with their keys, in their order.
    func eachWave(
        _ stage: Stage, _ recipe: ContentKey,
        key: (Document) throws -> String = { $0.id.description }, size: (Document) throws -> Int,
        body: ([(document: Document, key: String)]) throws -> [DocumentWork]
    ) throws {
        let total = try store.documentCount()
        var done = 0
        var wave: [(document: Document, key: String)] = []
        var requests = 0
        var hasStarted = false
        func finishWave() throws {
            guard !wave.isEmpty else { return }
            if !hasStarted { tell(.started(stage, done: done, total: total)) }
            hasStarted = true
            try checkForStop()
            let work = try body(wave)
            try store.finishUnits(
                zip(wave, work).filter(\.1.isFinished).map { piece, work in
                    (UnitOfWork(recipe: recipe, key: piece.key, counts: work.counts), work.rows)
                })
            for ((document, _), work) in zip(wave, work) {
                done += 1
                let detail = "\(work.made) on \(document.subject)"
                tell(.advanced(stage, done: done, total: total, detail: detail))
            }
            (wave, requests) = ([], 0)
        }
        try store.documents().forEach { document in
            let key = try key(document)
            guard try !store.isFinished(recipe: recipe, key: key) else { return done += 1 }
            wave.append((document, key))
            requests += try size(document)
            if requests >= waveSize { try finishWave() }
        }
        try finishWave()
    }
}
