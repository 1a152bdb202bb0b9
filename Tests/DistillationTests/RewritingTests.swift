// Context-bound questions made to stand alone: what is asked of the expert, and what of its reply is kept.

import Basics
import Foundation
import Generation
import Lineage
import Store
import Testing
import Tokenizers

@testable import Distillation

@Suite struct RewritingTests {
    private let text = "Ada Finch runs the ferry of Port Sella. She bought it from the Orne Company in 1902."

    private func isKept(_ rewritten: String, _ original: String, _ answers: [String] = []) -> Bool {
        QuestionRewriting.asksTheSame(rewritten, as: original, answers: answers, text: text)
    }

    @Test func namesInPlaceOfPronounsPass() {
        #expect(isKept("From whom did Ada Finch buy the ferry?", "From whom did she buy it?", ["the Orne Company"]))
        #expect(isKept("In which year was the ferry of Port Sella bought?", "When was it bought?", ["1902"]))
        #expect(isKept("What does Ada Finch run in Port Sella?", "What does the person in the passage run?"))
    }

    @Test func anotherQuestionDoesNot() {
        // Other words.
        #expect(!isKept("How old is Ada Finch?", "From which company did she buy the ferry?"))
        // A reason instead of a time.
        #expect(!isKept("Why did Ada Finch buy the ferry of Port Sella?", "When did she buy the ferry?"))
        // The answer given away.
        let told = "Did Ada Finch buy the ferry from the Orne Company?"
        #expect(!isKept(told, "From whom did she buy the ferry?", ["Orne Company"]))
        // A name and a number from nowhere.
        #expect(!isKept("When did Ada Finch buy the ferry from Karsk?", "When did she buy the ferry?"))
        #expect(!isKept("Did Ada Finch buy the ferry in 1903?", "When did she buy the ferry?"))
    }

    @Test func theQuestionIsFoundInAReply() {
        #expect(QuestionRewriting.parse("\n \"Who runs  the ferry?\"\nBecause…") == "Who runs the ferry?")
        #expect(QuestionRewriting.parse("Rewritten question: Who runs it?") == "Who runs it?")
        #expect(QuestionRewriting.parse("<question>Who runs it?</question>") == "Who runs it?")
        #expect(QuestionRewriting.parse(" \n--- ") == nil)
    }

    @Test func theExamplesPassTheirOwnChecks() throws {
        let messages = QuestionRewriting.messages(passage: "P", question: "Q?", answers: ["a", "b"])
        #expect(messages.map(\.role) == ["user", "assistant", "user", "assistant", "user", "assistant", "user"])
        for turn in stride(from: 0, to: 6, by: 2) {
            let request = messages[turn].content
            let passage = try #require(request.components(separatedBy: "\n\n---").first)
            let lines = request.split(separator: "\n")
            let question = try #require(lines.first { $0.hasPrefix("Question: ") }).dropFirst("Question: ".count)
            let answer = try #require(lines.first { $0.hasPrefix("Answer: ") }).dropFirst("Answer: ".count)
            #expect(
                QuestionRewriting.asksTheSame(
                    messages[turn + 1].content, as: String(question), answers: [String(answer)], text: passage))
        }
        #expect(messages[6].content.contains("Question: Q?\nAnswer: a / b\n"))
    }

    private func write(rewrites: Bool, _ expert: ScriptedExpert) throws -> WrittenQuestions {
        var settings = QuestionSettings()
        (settings.perPassage, settings.attempts, settings.rewrites) = (5, 3, rewrites)
        let writer = QuestionWriter(
            settings: settings, prompts: Prompts(systemMessage: nil), recipe: ContentKey(of: "r"), runSeed: 1)
        let document = Document(name: "ferry", title: nil, text: text, source: "")
        return try #require(try writer.write(on: [document]) { expert.replies($0, $1) }.first)
    }

    /// Two questions that nobody understands without the text; of one a usable rewriting comes at the second attempt.
    private func expert() -> ScriptedExpert {
        var rewritings = 0
        return ScriptedExpert { request in
            guard request.contains("Write this question again") else {
                return """
                    <question>When did she buy the ferry?</question><question>When did she buy the ferry?</question>
                    <question>What does the passage say about the company?</question>
                    """
            }
            rewritings += 1
            let isSecond = rewritings > 2
            return request.contains("When did she") && isSecond ? "When did Ada Finch buy the ferry?" : "I do not know."
        }
    }

    @Test func contextBoundQuestionsAreDroppedByDefault() throws {
        let expert = expert()
        let written = try write(rewrites: false, expert)
        #expect(written.questions.isEmpty)
        #expect(written.counts["names_nothing"] == 6 && written.counts["about_the_text"] == 3)
        #expect(expert.asked.count == 3)
    }

    @Test func theyAreRewrittenOnDemandWithBoundedAttempts() throws {
        let expert = expert()
        let written = try write(rewrites: true, expert)
        #expect(written.questions.map(\.text) == ["When did Ada Finch buy the ferry?"])
        #expect(written.questions.map(\.call) == ["0.0"])
        #expect(written.counts["rewritten"] == 1 && written.counts["not_rewritten"] == 1)
        #expect(written.counts["names_nothing"] == nil && written.counts["failed_calls"] == 0)
        // One call, both questions once, both again, and the one that is left.
        #expect(expert.asked.count == 1 + 2 + 2 + 1)
        #expect(expert.rules.dropFirst().map(\.sampling.temperature) == [0.1, 0.4, 0.7])
    }
}
