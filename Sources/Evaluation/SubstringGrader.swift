// Grading by substring (METHOD, Substring match): does the reply contain a gold answer, small words and punctuation aside?
// Knows text, not models.

import Distillation

/// The grader that needs no model.
public enum SubstringGrader {
    /// Whether any gold answer is in the reply.
    public static func isCorrect(reply: String, golds: [String]) -> Bool {
        golds.contains { AnswerMatch.contains(reply, $0) }
    }
}
