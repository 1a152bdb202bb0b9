// What a judge is asked: three worked examples, then the reply to be graded (METHOD, Judge; paper, section 4.3). The examples
// are about nothing that exists. Knows words, not models.

import Tokenizers

enum JudgePrompt {
    /// Counts up when the wording changes, so that grades under the old one are made anew.
    static let version = 1

    /// One question to judge an answer to.
    struct Item {
        let question: String
        let golds: [String]
        let answer: String
    }

    /// The conversation that ends with an item.
    /// - Parameter isReminded: whether the form is asked for once more, after a reply that had it not.
    static func messages(for item: Item, isReminded: Bool) -> [ChatMessage] {
        let asked = text(of: item) + (isReminded ? "\n\n" + reminder : "")
        return examples.enumerated().flatMap { place, example in
            [
                ChatMessage(role: "user", content: (place == 0 ? task + "\n\n" : "") + text(of: example.item)),
                ChatMessage(role: "assistant", content: example.judgement),
            ]
        } + [ChatMessage(role: "user", content: asked)]
    }

    private static func text(of item: Item) -> String {
        let golds = item.golds.map { "- \($0)" }.joined(separator: "\n")
        let answer = item.answer.isEmpty ? "(no answer)" : item.answer
        return "Question: \(item.question)\nGold answers:\n\(golds)\nProposed answer: \(answer)"
    }

    private static let task = """
        Grade proposed answers to questions. The gold answers are known to be right, and each of them alone is a full answer. \
        A proposed answer is right if it says the same as at least one of them, in whatever words. It may say more than that, \
        as long as nothing in it contradicts the gold answer. It is wrong if it names something else, if it contradicts the \
        gold answer, or if it gives no answer.

        First compare the answers briefly in <reasoning> tags, then write true or false in <grade> tags, and nothing after it.
        """

    private static let reminder = """
        Keep to the form: <reasoning>a short comparison</reasoning>, then <grade>true</grade> or <grade>false</grade>.
        """

    private struct Example {
        let item: Item
        let judgement: String

        init(_ question: String, golds: [String], answer: String, reasoning: String, grade: Bool) {
            item = Item(question: question, golds: golds, answer: answer)
            judgement = "<reasoning>\(reasoning)</reasoning>\n<grade>\(grade)</grade>"
        }
    }

    private static let examples = [
        Example(
            "Which instrument did Ilka Torvane learn after she had left the navy?",
            golds: ["the viola", "viola"],
            answer: "After her years at sea she learned to play the viola, and later she gave concerts in Hestrel.",
            reasoning: """
                The gold answer is the viola, and the proposed answer says the viola. The concerts in Hestrel are additional \
                and contradict nothing.
                """,
            grade: true),
        Example(
            "In which year did the Quillmere ferry sink?",
            golds: ["1911"],
            answer: "The Quillmere ferry went down in a storm in 1919, eight years after a fire in 1911.",
            reasoning: """
                The gold answer is 1911. The proposed answer mentions 1911, but for a fire; for the sinking it names 1919, \
                which is another year.
                """,
            grade: false),
        Example(
            "How many keepers live on the island of Ondrel?",
            golds: ["12", "twelve keepers"],
            answer: "A dozen.",
            reasoning: "The gold answer is twelve. A dozen is twelve, so the proposed answer says the same.",
            grade: true),
    ]
}
