// Which replies of a run there are to grade, and who has graded them. Only reads, so it works while another process writes.

import Basics
import Evaluation
import Foundation
import Lineage
import Store

extension RunStore {
    /// The newest replies under every condition with their questions, in the questions' order.
    func repliesToGrade() throws -> [GradedReply] {
        var questions: [ContentKey: HeldOutQuestion] = [:]
        try heldOutQuestions().forEach { questions[$0.id] = $0 }
        return try newestReplies().flatMap { condition, recipe in
            try replies(recipe: recipe, condition: condition).compactMap { reply in
                try questions[reply.heldOut].map { try GradedReply(question: $0, reply: reply) }
            }
        }
    }

    /// The grades of those replies by grader, then by reply.
    func gradesByGrader() throws -> [String: [ContentKey: Grade]] {
        try newestReplies().reduce(into: [:]) { grades, newest in
            for grade in try allGrades(ofReplies: newest.recipe, condition: newest.condition).values.joined() {
                grades[grade.grader, default: [:]][grade.reply] = grade
            }
        }
    }

    /// What a grader made of the replies under a condition, by held-out question: 1 for a right one, 0 for a wrong one and for
    /// one whose grade could not be read. What ``PairedBootstrap`` compares; a question has the same key in every run that has
    /// it on the same document.
    public func scores(by grader: String, condition: String) throws -> [ContentKey: Double] {
        guard let recipe = try newestReplies().first(where: { $0.condition == condition })?.recipe else { return [:] }
        let grades = try gradesByGrader()[grader] ?? [:]
        return try replies(recipe: recipe, condition: condition).reduce(into: [:]) { scores, reply in
            guard let grade = grades[reply.id] else { return }
            scores[reply.heldOut] = grade.verdict == .correct ? 1 : 0
        }
    }
}

extension RunConfiguration {
    /// The run's replies as CSV for a person to grade; with what that person has graded already, where a name is given.
    /// Takes no lock and needs no model.
    public func gradeSheet(for grader: String? = nil) throws -> String {
        let store = try RunStore(directory: URL(fileURLWithPath: output), access: .readOnly)
        let replies = try store.repliesToGrade()
        guard !replies.isEmpty else { throw GradingError.noReplies }
        return GradeSheet.text(replies, graded: try grader.flatMap { try store.gradesByGrader()[$0] } ?? [:])
    }
}
