// Which replies of a run there are to grade, and who has graded them. Only reads, so it works while another process writes.

import Evaluation
import Foundation
import Store

extension RunStore {
    /// Every condition under which the held-out questions were asked, by name, with the recipe that was last used for it.
    func newestReplies() throws -> [(condition: String, recipe: ContentKey)] {
        var newest: [String: ContentKey] = [:]
        for recipe in try recipes() {
            for condition in try conditions(recipe: recipe.key) where newest[condition] == nil {
                newest[condition] = recipe.key
            }
        }
        return newest.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The replies under those conditions with their questions, in the questions' order.
    func repliesToGrade() throws -> [GradedReply] {
        var questions: [ContentKey: HeldOutQuestion] = [:]
        try heldOutQuestions().forEach { questions[$0.id] = $0 }
        return try newestReplies().flatMap { condition, recipe in
            try replies(recipe: recipe, condition: condition).compactMap { reply in
                try questions[reply.heldOut].map { try GradedReply(question: $0, reply: reply) }
            }
        }
    }

    /// The grades of those replies by grader, then by reply. Where a grader has graded under several recipes, the last used
    /// one counts.
    func gradesByGrader() throws -> [String: [ContentKey: Grade]] {
        var grades: [String: [ContentKey: Grade]] = [:]
        for (condition, replies) in try newestReplies() {
            var seen: Set<String> = []
            for (grader, recipe) in try graders(replies: replies, condition: condition)
            where seen.insert(grader).inserted {
                let own = try self.grades(recipe: recipe, replies: replies, condition: condition)
                grades[grader, default: [:]].merge(own) { first, _ in first }
            }
        }
        return grades
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
