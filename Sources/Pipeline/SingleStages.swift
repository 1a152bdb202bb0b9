// One stage alone, on what those before it left in the store; and what else the command line does with a run. How a stage
// works is in the file named after it.

import Distillation
import Foundation
import Lineage
import Store

extension Pipeline {
    /// Runs one stage. Evaluation gives the figures, the others nothing.
    @discardableResult
    public func run(only stage: Stage) throws -> RunSummary? {
        switch stage {
        case .ingest: _ = try ingest()
        case .questions: _ = try writeQuestions(on: corpus())
        case .answers: _ = try writeAnswers(to: questions())
        case .regularise: _ = try regularisation(beside: samples(of: trainedAnswers()).data)
        case .train: _ = try train(on: trainedAnswers())
        case .evaluate: return try summarise(trainedAnswers(), evaluate(adapter()))
        case .grade: _ = try grade()
        case .forgetting: _ = try measureForgetting()
        }
        return nil
    }

    /// The answers that training rests on; nil where it learns from the documents themselves.
    private func trainedAnswers() throws -> AnswerSet? {
        if configuration.training.objective.needsAnswers { return try answers() }
        // Read if they have not been yet.
        _ = try corpus()
        return nil
    }

    /// Removes the checkpoints, the snapshots and the adapter, so that training begins anew.
    public func discardTraining() throws {
        let folder = RunFolder(directory)
        for place in [directory.appending(path: "checkpoints"), folder.snapshots, folder.adapter]
        where FileManager.default.fileExists(atPath: place.path) {
            try FileManager.default.removeItem(at: place)
        }
    }
}

extension RunConfiguration {
    /// Gives the run's questions as lines of JSONL that `UserQuestions` reads back. Takes no lock and needs no model, so
    /// it works while another process does.
    public func eachQuestionLine(_ body: (String) throws -> Void) throws {
        let store = try RunStore(directory: URL(fileURLWithPath: output), access: .readOnly)
        guard let recipe = try store.recipes(stage: questionsStage).first?.key else { return }
        try store.documents().forEach { document in
            let questions = try store.questions(document: document.id, recipe: recipe)
            let lines = try UserQuestions.lines(questions, on: document) { try store.document($0)?.name }
            for line in lines.split(separator: "\n") {
                try body("\(line)\n")
            }
        }
    }

    /// The stage whose recipe names the questions.
    var questionsStage: String { trainingQuestions.isEmpty ? "questions" : "user questions" }
}
