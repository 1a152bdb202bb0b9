// What a run's store tells without a model: questions, what they reach, which are near held-out ones, replies to be graded.
// Opened for reading alone, so it works while another process works on the run.

import Basics
import Distillation
import Evaluation
import Foundation
import Lineage
import Store

public struct RunListing {
    private let configuration: RunConfiguration
    private let store: RunStore

    public init(_ configuration: RunConfiguration) throws {
        self.configuration = configuration
        store = try RunStore(directory: URL(fileURLWithPath: configuration.output), access: .readOnly)
    }

    /// Gives the run's questions as lines of JSONL that `UserQuestions` reads back.
    public func eachQuestionLine(_ body: (String) throws -> Void) throws {
        _ = try withQuestions { recipe in
            try store.documents().forEach { document in
                let questions = try store.questions(document: document.id, recipe: recipe)
                let lines = try UserQuestions.lines(questions, on: document) { try store.document($0)?.name }
                for line in lines.split(separator: "\n") { try body("\(line)\n") }
            }
        }
    }

    /// Calls `body` with every training question of the run that is too near a held-out one.
    /// - Returns: false if the run has no questions yet.
    public func eachLeak(_ body: (LeakedQuestion) throws -> Void) throws -> Bool {
        try withQuestions { try store.eachLeak($0, threshold: configuration.questions.leakThreshold, body) }
    }

    /// Calls `body` with every document of the run and what its questions reach.
    /// - Returns: false if the run has no questions yet.
    public func eachCoverage(_ body: (Document, DocumentCoverage) throws -> Void) throws -> Bool {
        try withQuestions { try store.eachCoverage($0, body) }
    }

    /// The run's replies as CSV for a person to grade; with what that person has graded already, where a name is given.
    public func gradeSheet(for grader: String? = nil) throws -> String {
        let replies = try store.repliesToGrade()
        guard !replies.isEmpty else { throw GradingError.noReplies }
        return GradeSheet.text(replies, graded: try grader.flatMap { try store.gradesByGrader()[$0] } ?? [:])
    }

    private func withQuestions(_ body: (ContentKey) throws -> Void) throws -> Bool {
        guard let recipe = try store.latestQuestions(configuration) else { return false }
        try body(recipe.key)
        return true
    }
}
