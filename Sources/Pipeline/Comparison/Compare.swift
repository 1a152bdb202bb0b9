// Several methods with several seeds on the same documents and held-out questions, in one store: what two of them have in
// common is made once. Knows methods and seeds; how a stage works is in the file named after it.

import Basics
import Distillation
import Evaluation
import Foundation
import Lineage

struct Comparison {
    private let run: RunContext

    init(_ run: RunContext) { self.run = run }

    /// Trains and evaluates every method with every seed, all methods with the first seed first.
    /// - Parameter afterSeed: told when all methods have been evaluated with a further seed.
    /// - Returns: what was compared.
    func compare(afterSeed: () throws -> Void) throws -> ComparisonPlan {
        let (variants, plan) = try run.configuration.comparedVariants()
        try WholeFile.write(json: plan, to: ComparisonPlan.file(in: run.folder.directory).path)
        let corpus = try IngestStage(run).read()
        guard corpus.heldOut > 0 else { throw PipelineError.noHeldOut }
        // The same for all methods: none changes what is asked with a question.
        let books = try run.books()
        var done = 0
        for seed in plan.seeds {
            for variant in variants {
                done += 1
                run.tell(.notice("\(variant.name), seed \(seed) (\(done) of \(variants.count * plan.seeds.count))"))
                try prove(variant, seed: seed, on: corpus, asking: books)
            }
            if run.configuration.comparison.isJudged { _ = try GradeStage(run).grade() }
            try afterSeed()
        }
        return plan
    }

    /// Trains and evaluates one method with one seed, at the marks of its training's clock too.
    private func prove(
        _ variant: ComparedVariant, seed: UInt64, on corpus: Corpus, asking books: [AskedBook]
    ) throws {
        var configuration = variant.configuration
        configuration.training.seed = seed
        let method = RunContext(
            of: run, configuration, subject: ComparisonPlan.subject(variant.name, seed: seed))
        let adapter = try TrainStage(method).train(on: method.answersToLearn(corpus))
        let evaluation = EvaluateStage(method)
        try evaluation.evaluate(adapter, asking: books)
        for snapshot in method.snapshots(of: adapter) {
            let name = ComparedVariant.name(of: variant.name, after: snapshot.seconds)
            try evaluation.evaluate(
                TrainedAdapter(
                    subject: ComparisonPlan.subject(name, seed: seed), recipe: snapshot.recipe,
                    training: adapter.training, directory: snapshot.directory), asking: books)
        }
        if !configuration.forgetting.questions.isEmpty { _ = try ForgettingStage(method).measure() }
    }
}
