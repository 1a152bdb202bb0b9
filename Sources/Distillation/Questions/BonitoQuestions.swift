// Questions by a model of the Bonito kind, trained to turn a text into a task of a named type (Nayak et al. 2024, "Learning
// to Generate Instruction Tuning Datasets for Zero-Shot Task Adaptation"; used in section 4.3 of the paper). Such a model
// knows no chat: it continues a task type and a context, each under a tag of its own, with the task, a separator and the
// answer. Knows words, not models.

import Foundation
import Tokenizers

enum BonitoQuestions {
    /// The format as a chat template, whose roles are the tags, so that a document is text here as in any chat. Bonito's
    /// tokenizers put the sequence's first token before every prompt.
    static let template =
        "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}\n{% endfor %}"
        // Jinja drops a template's last line end.
        + "<|task|>{{ '\\n' }}"

    /// - Parameter context: what to ask about.
    static func messages(context: String) -> [ChatMessage] {
        [
            ChatMessage(role: "tasktype", content: "extractive question answering"),
            ChatMessage(role: "context", content: context.replacing("<|", with: "< |").trimmed),
        ]
    }

    /// The question and the answer of a task; nil for a reply that was cut, or a task without a question.
    ///
    /// A task may come with an instruction ("Read the passage and answer: …") and a place for the context, `{{context}}`:
    /// the question is what its last question mark ends.
    static func parse(_ reply: String) -> (question: String, answer: String)? {
        let parts = reply.components(separatedBy: "<|pipe|>")
        guard parts.count == 2, !parts[1].trimmed.isEmpty else { return nil }
        let task = parts[0].replacing("{{context}}", with: "\n").replacing("{{ context }}", with: "\n")
        let isGreek = task.unicodeScalars.contains(where: Script.isGreek)
        guard let mark = task.lastIndex(where: { QuestionMark.isMark($0, isGreek: isGreek) }),
            let line = task[...mark].split(whereSeparator: \.isNewline).last,
            let sentence = Sentences.split(String(line)).last?.text
        else { return nil }
        let question = afterLabel(sentence).trimmingCharacters(in: CharacterSet(charactersIn: " \"'“”‘’*"))
        return question.count > 1 ? (question, parts[1].trimmed) : nil
    }

    /// What stands behind "Question:", "Q:" or "answer the question:".
    private static func afterLabel(_ sentence: String) -> String {
        for label in ["question:", "q:", "answer:"] {
            if let range = sentence.range(of: label, options: [.caseInsensitive, .backwards]) {
                return String(sentence[range.upperBound...])
            }
        }
        return sentence
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
