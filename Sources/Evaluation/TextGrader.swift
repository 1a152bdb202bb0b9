// The graders that need no model: does a gold answer stand in the reply? By whole words and numbers, which is what counts, and
// by letters as the paper has it (METHOD, Substring match), for comparison with its figures. Knows text, not models.

import Basics
import Distillation
import Lineage
import Statistics
import Store

/// A grader that compares texts.
public enum TextGrader: CaseIterable, Sendable {
    case wholeWords
    /// The paper's.
    case substring

    public var name: String {
        switch self {
        case .wholeWords: GraderName.wholeWords
        case .substring: GraderName.substring
        }
    }

    /// Whether any gold answer is in the reply.
    public func isCorrect(reply: String, golds: [String]) -> Bool {
        switch self {
        case .wholeWords: return AnswerMatch.contains(reply, anyOf: golds)
        case .substring:
            let said = Self.normalised(reply)
            return golds.contains { gold in
                let wanted = Self.normalised(gold)
                return !wanted.isEmpty && said.contains(wanted)
            }
        }
    }

    /// Grades replies, in the order of the questions.
    /// - Parameter recipe: names the grades.
    func grades(_ replies: [(question: HeldOutQuestion, reply: Reply)], recipe: ContentKey) -> [Grade] {
        replies.map { question, reply in
            let isCorrect = isCorrect(reply: reply.text, golds: question.golds)
            return Grade(
                reply: reply.id, recipe: recipe, grader: name, verdict: isCorrect ? .correct : .incorrect)
        }
    }

    /// Lower case, no punctuation, no stop words, single spaces. A text of stop words alone keeps them: "The Who" must not
    /// become nothing.
    private static func normalised(_ text: String) -> String {
        let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }
        let telling = words.filter { !AnswerMatch.isStopWord(String($0)) }
        return (telling.isEmpty ? words : telling).joined(separator: " ")
    }
}
