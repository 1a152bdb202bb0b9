// Several methods with several seeds on the same documents and held-out questions, in one store: what two of them have in
// common is made once. How a stage works is in the file named after it.

import Basics
import Distillation
import Evaluation
import Foundation
import Lineage
import ModelFiles

extension Pipeline {
    /// Trains and evaluates every method with every seed, all methods with the first seed first.
    /// - Parameter afterSeed: told when all methods have been evaluated with a further seed.
    /// - Returns: what was compared.
    @discardableResult
    public func compare(afterSeed: () throws -> Void = {}) throws -> ComparisonPlan {
        let (variants, plan) = try configuration.comparedVariants()
        try WholeFile.write(json: plan, to: ComparisonPlan.file(in: directory).path)
        let corpus = try ingest()
        guard corpus.heldOut > 0 else { throw PipelineError.noHeldOut }
        // The same for all methods: none changes what is asked with a question.
        let books = try books()
        var done = 0
        for seed in plan.seeds {
            for variant in variants {
                done += 1
                tell(.notice("\(variant.name), seed \(seed) (\(done) of \(variants.count * plan.seeds.count))"))
                try comparing(variant, seed: seed).prove(variant.name, seed: seed, on: corpus, asking: books)
            }
            if configuration.comparison.isJudged { _ = try grade() }
            try afterSeed()
        }
        return plan
    }

    /// A pipeline for one method and seed, on this one's store and model.
    private func comparing(_ variant: ComparedVariant, seed: UInt64) -> Pipeline {
        var configuration = variant.configuration
        configuration.training.seed = seed
        return Pipeline(
            of: self, configuration, adapterName: ComparisonPlan.adapterName(variant.name, seed: seed))
    }

    /// Trains and evaluates one method with one seed, at the marks of its training's clock too.
    private func prove(_ method: String, seed: UInt64, on corpus: Corpus, asking books: [AskedBook]) throws {
        let adapter = try train(on: answersToTrainOn(corpus))
        try evaluate(adapter, asking: books)
        for snapshot in snapshots(of: adapter) {
            let name = ComparisonPlan.adapterName(
                ComparedVariant.name(of: method, after: snapshot.seconds), seed: seed)
            try evaluate(
                TrainedAdapter(name: name, recipe: snapshot.recipe, directory: snapshot.directory), asking: books)
        }
        if !configuration.forgetting.questions.isEmpty { _ = try measureForgetting() }
    }
}
