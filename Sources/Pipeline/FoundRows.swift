// What the stages of a run have left in its store and folder, for a stage that is run alone. Only reads; runs no stage.

import Basics
import Foundation
import LanguageModels
import Lineage
import Store

package struct FoundRows {
    let run: RunContext

    /// nil where no document has been read.
    func corpus() throws -> Corpus? {
        let corpus = Corpus(documents: try run.store.documentCount(), heldOut: try run.store.heldOutCount())
        return corpus.documents > 0 ? corpus : nil
    }

    package func questions() throws -> QuestionSet {
        guard let recipe = try run.store.latestQuestions(run.configuration) else {
            throw PipelineError.missingStage(needed: .questions, run: .answers)
        }
        return try questions(recipe.key)
    }

    private func questions(_ recipe: ContentKey) throws -> QuestionSet {
        QuestionSet(recipe: recipe, count: try run.store.questionCount(recipe: recipe))
    }

    /// The last answers, with the questions that they answer.
    package func answers() throws -> AnswerSet {
        guard let recipe = try run.store.recipes(stage: .answers).first, let questions = recipe.parents[.questions]
        else { throw PipelineError.missingStage(needed: .answers, run: .train) }
        return try answers(recipe.key, to: self.questions(questions))
    }

    func answers(_ recipe: ContentKey, to questions: QuestionSet) throws -> AnswerSet {
        let totals = try run.store.answerTotals(recipe: recipe)
        return AnswerSet(questions: questions, recipe: recipe, count: totals.answers, tokens: totals.tokens)
    }

    /// What an adapter was trained on; nil where that was the documents themselves.
    func answers(of adapter: TrainedAdapter) throws -> AnswerSet? {
        guard let training = try run.store.recipe(adapter.training),
            let answers = try run.store.parent(.answers, of: training), let questions = answers.parents[.questions]
        else { return nil }
        return try self.answers(answers.key, to: self.questions(questions))
    }

    func adapter() throws -> TrainedAdapter {
        guard let adapter = try adapterIfTrained() else {
            throw PipelineError.missingStage(needed: .train, run: .evaluate)
        }
        return adapter
    }

    /// nil where none has been trained yet. One that is there and cannot be read is an error.
    func adapterIfTrained() throws -> TrainedAdapter? {
        let directory = run.folder.adapter(run.subject)
        guard FileManager.default.fileExists(atPath: directory.path) else { return nil }
        guard let recipe = LoRAAdapter.training(in: directory).flatMap(ContentKey.init),
            try run.store.recipe(recipe) != nil
        else {
            throw PipelineError.brokenAdapter(place: directory.path)
        }
        return TrainedAdapter(subject: run.subject, recipe: recipe, training: recipe, directory: directory)
    }
}

extension RunStore {
    /// What names the questions of a run: those that were generated, or the user's own.
    func latestQuestions(_ configuration: RunConfiguration) throws -> Recipe? {
        try recipes(stage: configuration.trainingQuestions.isEmpty ? .questions : .userQuestions).first
    }
}
