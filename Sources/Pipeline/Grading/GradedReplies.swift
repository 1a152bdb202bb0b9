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
        return try newestReplies().flatMap { newest in
            try replies(recipe: newest.recipe, condition: newest.condition).compactMap { reply in
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
}
