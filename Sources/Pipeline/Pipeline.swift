// Documents in, proven adapter out. Every stage is a value that reads rows from the run's store and writes rows to it, keyed
// by what they depend on, so that any of them can be stopped, killed, resumed or run alone. How a stage works is in the file
// named after it.

import Distillation
import Foundation
import Lineage
import Store

/// One run: the stages over a configuration, a store and models.
public struct Pipeline {
    package let context: RunContext

    /// Opens a run, making its folder if need be.
    /// - Parameters:
    ///   - observe: told what happens, on the calling thread.
    ///   - shouldStop: asked often; true ends the run with ``RunStopped`` at the next place where nothing is lost.
    public init(
        _ configuration: RunConfiguration, observe: @escaping (ProgressEvent) -> Void,
        shouldStop: @escaping () -> Bool = { false }
    ) throws {
        context = try RunContext(configuration, observe: observe, shouldStop: shouldStop)
    }

    /// All stages in order.
    public func run() throws -> RunSummary {
        let corpus = try IngestStage(context).read()
        let answers = try context.answersToLearn(corpus)
        let adapter = try TrainStage(context).train(on: answers)
        let proof = try EvaluateStage(context).evaluate(adapter)
        return try SummaryStage(context).summarise(proof)
    }

    /// One stage alone, on what those before it left in the store. Evaluation gives the figures, the others nothing.
    @discardableResult
    public func run(only stage: Stage) throws -> RunSummary? {
        switch stage {
        case .ingest: _ = try IngestStage(context).read()
        case .questions: _ = try QuestionsStage(context).write(on: corpus())
        case .answers: _ = try AnswersStage(context).write(to: context.found.questions())
        case .regularise: try TrainStage(context).readInstructions(beside: trainedAnswers())
        case .train: _ = try TrainStage(context).train(on: trainedAnswers())
        case .evaluate:
            return try SummaryStage(context).summarise(EvaluateStage(context).evaluate(context.found.adapter()))
        case .grade: _ = try GradeStage(context).grade()
        case .forgetting: _ = try ForgettingStage(context).measure()
        }
        return nil
    }

    /// The documents as they were read, or read now if they never were.
    private func corpus() throws -> Corpus { try context.found.corpus() ?? IngestStage(context).read() }

    private func trainedAnswers() throws -> AnswerSet? {
        if context.configuration.training.objective.needsAnswers { return try context.found.answers() }
        _ = try corpus()
        return nil
    }

    // MARK: - What else the command line does with a run

    public func grade() throws -> GradeSummary { try GradeStage(context).grade() }

    /// Takes a person's grades out of a file that the grade sheet was filled in to; all of them or none.
    public func importGrades(_ file: URL, by grader: String) throws -> GradeSummary {
        try GradeStage(context).take(file, by: grader)
    }

    public func measureForgetting() throws -> Forgetting { try ForgettingStage(context).measure() }

    /// Has a user's held-out questions rewritten so that they stand alone.
    public func rewriteHeldOut(_ file: URL, to output: String) throws {
        _ = try corpus()
        try HeldOutRewritingStage(context).rewrite(file, to: output)
    }

    /// Trains and evaluates the configuration's methods with every seed.
    @discardableResult
    public func compare(afterSeed: () throws -> Void = {}) throws -> ComparisonPlan {
        try Comparison(context).compare(afterSeed: afterSeed)
    }

    /// Removes the checkpoints, the snapshots and the adapter, so that training begins anew.
    public func discardTraining() throws { try context.folder.discardTraining() }
}

extension RunContext {
    /// Questions on the documents and their answers; nil where training learns from the documents themselves.
    func answersToLearn(_ corpus: Corpus) throws -> AnswerSet? {
        guard configuration.training.objective.needsAnswers else { return nil }
        let questions = try QuestionsStage(self).write(on: corpus)
        return try AnswersStage(self).write(to: questions)
    }
}
