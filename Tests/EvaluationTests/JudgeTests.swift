// What a judgement says, what a judge is asked, and how often.

import Basics
import Distillation
import Generation
import Lineage
import Statistics
import Store
import Testing
import Tokenizers

@testable import Evaluation

@Suite struct JudgementTests {
    @Test(arguments: [
        ("<reasoning>Same.</reasoning>\n<grade>true</grade>", true),
        ("<reasoning>Other.</reasoning><grade>false</grade>", false),
        ("< Reasoning >\nSame.\n</REASONING>\n\n<GRADE>\n  True\n</Grade>", true), ("<grade>FALSE.</grade>", false),
        ("<reasoning>Same.</reasoning><grade>true", true), ("<reasoning>Same. <grade> \"false\" </grade>", false),
        ("<reasoning>3 < 4 and a </b>.</reasoning><grade>**true**</grade>", true),
        ("<grade>true\n\nThe proposed answer says the same.", true), ("<grade>false</reasoning>", false),
        ("<think>Is it <grade>false</grade>? No.</think><reasoning>Same.</reasoning><grade>true</grade>", true),
        ("<grade>true</grade><grade>true</grade>", true),
    ])
    func gradesInFormAreRead(reply: String, isCorrect: Bool) {
        #expect(Judgement(reply).isCorrect == isCorrect)
    }

    @Test(
        arguments: [
            "", "true", "The grade is true.", "<reasoning>It is true.</reasoning>", "<grade></grade>", "<grade>tru",
            "<grade>not true</grade>", "<grade>true or false</grade>", "<grade>true|false</grade>",
            "<grade>truefalse</grade>",
            "<grade>true</grade> or rather <grade>false</grade>", "<grade>true</grade><grade>", "grade>true</grade>",
            "<grade>true\nbut perhaps not</grade>", "<grade>1</grade>", "<grades>true</grades>", "</grade>true",
            "<think>So <grade>true</grade></think>",
        ])
    func nothingElseIsGuessedAt(reply: String) {
        #expect(Judgement(reply).isCorrect == nil)
    }

    @Test(arguments: [
        ("<reasoning> Same. </reasoning><grade>true</grade>", "Same."), ("Same. <grade>true</grade>", "Same."),
        ("<reasoning>Same. <grade>true</grade>", "Same."), ("<grade>true</grade>", ""),
        ("I cannot say.", "I cannot say."),
        ("<reasoning>Same.</reasoning><grade>maybe", "<reasoning>Same.</reasoning><grade>maybe"),
    ])
    func reasonsAreKept(reply: String, reasoning: String) {
        #expect(Judgement(reply).reasoning == reasoning)
    }
}

@Suite struct JudgeTests {
    private let recipe = ContentKey(of: "recipe")

    private func reply(_ number: Int, golds: [String] = ["Ada", "Ada L."], text: String = "Ada") throws -> GradedReply {
        let question = HeldOutQuestion(
            name: "q", document: nil, question: "Who is number \(number)?", golds: golds,
            source: "asked.jsonl:\(number)")
        return try GradedReply(
            question: question,
            reply: Reply(
                heldOut: question.id, recipe: recipe, condition: EvaluationCondition(subject: .base, book: .closed),
                text: text, tokenCount: 1,
                isFinished: true))
    }

    private func judge(_ change: (inout JudgeSettings) -> Void = { _ in }) -> Judge {
        var settings = JudgeSettings()
        change(&settings)
        return Judge(
            name: "judge", settings: settings, prompts: Prompts(systemMessage: "Be fair."), recipe: recipe, runSeed: 1)
    }

    @Test func theConversationHoldsThreeExamplesThenTheReply() throws {
        _ = try judge().grade([reply(7, text: "It was Ada.")]) { conversations, rules in
            let messages = conversations[0].messages
            let turns = ["user", "assistant", "user", "assistant", "user", "assistant", "user"]
            #expect(messages.map(\.role) == ["system"] + turns)
            for example in messages where example.role == "assistant" {
                #expect(Judgement(example.content).isCorrect != nil && !Judgement(example.content).reasoning.isEmpty)
            }
            let last = try #require(messages.last).content
            for part in ["Who is number 7?", "- Ada\n- Ada L.", "Proposed answer: It was Ada."] {
                #expect(last.contains(part))
            }
            #expect(rules.sampling.temperature == 0)
            return [ExpertReply(text: "<grade>true</grade>", isFinished: true)]
        }
    }

    @Test func onlyUnreadableJudgementsAreAskedForAgainWarmerAndReminded() throws {
        var asked: [[Conversation]] = []
        var temperatures: [Double] = []
        let grades = try judge().grade([reply(0), reply(1), reply(2)]) { conversations, rules in
            asked.append(conversations)
            temperatures.append(rules.sampling.temperature)
            let isFirst = asked.count == 1
            return conversations.map { conversation in
                let question = conversation.messages.last?.content ?? ""
                var grade = isFirst || question.contains("number 2") ? "?" : "false"
                if question.contains("number 0") { grade = "true" }
                return ExpertReply(
                    text: "<reasoning>R\(asked.count)</reasoning><grade>\(grade)</grade>", isFinished: true)
            }
        }
        #expect(asked.map(\.count) == [3, 2, 1])
        #expect(temperatures == [0, 0.3, 0.6])
        #expect(grades.map(\.verdict) == [.correct, .incorrect, .unparsed])
        #expect(grades.map(\.reasoning) == ["R1", "R2", "<reasoning>R3</reasoning><grade>?</grade>"])
        #expect(grades.allSatisfy { $0.grader == "judge" && $0.recipe == recipe })
        #expect(Set(asked.flatMap { $0.map(\.seed) }).count == 6)
        let again = try #require(asked[1].first?.messages.last).content
        #expect(again.contains("Keep to the form") && again != asked[0][1].messages.last?.content)
    }

    @Test func attemptsAreSettable() throws {
        var rounds = 0
        let grades = try judge { $0.attempts = 5 }.grade([reply(0)]) { conversations, _ in
            rounds += 1
            return conversations.map { _ in ExpertReply(text: "no", isFinished: true) }
        }
        #expect(rounds == 5 && grades.map(\.verdict) == [.unparsed] && grades[0].reasoning == "no")
    }

    @Test func whatAnEndpointRefusesIsNotAskedAgain() throws {
        var rounds = 0
        let faults: [ReplyFault?] = [.refused(said: "no"), .tooLong(said: nil), nil]
        let grades = try judge().grade([reply(0), reply(1), reply(2)]) { conversations, _ in
            rounds += 1
            return faults.map {
                ExpertReply(text: $0 == nil ? "<grade>true</grade>" : "", isFinished: $0 == nil, fault: $0)
            }
        }
        #expect(rounds == 1 && grades.map(\.verdict) == [.unparsed, .unparsed, .correct])
        #expect(grades.map(\.reasoning) == [Judge.refused, Judge.tooLong, nil])
    }

    @Test func whatDoesNotFitIsNotAsked() throws {
        let grades = try judge().grade([reply(0), reply(1)]) { conversation in
            !(conversation.messages.last?.content ?? "").contains("number 0")
        } ask: { conversations, _ in
            conversations.map { _ in ExpertReply(text: "<grade>true</grade>", isFinished: true) }
        }
        #expect(grades.map(\.verdict) == [.unparsed, .correct])
        #expect(grades[0].reasoning == Judge.tooLong)
    }

    @Test(arguments: [[], [""], [" ", "\n"]])
    func aQuestionWithoutGoldsIsRefusedByName(golds: [String]) throws {
        do {
            _ = try reply(3, golds: golds)
            Issue.record("it was accepted")
        } catch let error as GradingError {
            #expect("\(error)".contains("asked.jsonl:3") && "\(error)".contains("Who is number 3?"))
        }
    }
}
