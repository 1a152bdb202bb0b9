// Which sentences a question reaches, and what is asked about the others.

import Basics
import Generation
import Lineage
import Store
import Testing
import Tokenizers

@testable import Distillation

@Suite struct CoverageTests {
    private static let document = Document(
        name: "sella", title: "Port Sella",
        text: """
            Port Sella lies at the mouth of the Orne. Its mayor, Ada Finch, keeps twelve white geese. The lighthouse was \
            built in 1902 by a retired baker. Every Monday the fishermen sing to the harbour master.
            """,
        source: "")

    private func reached(_ question: String, answer: String? = nil, anchor: Question.Anchor? = nil) -> [Int] {
        var coverage = DocumentCoverage(CoverageTests.document)
        coverage.add(question: question, expectedAnswer: answer, anchor: anchor)
        return coverage.isReached.indices.filter { coverage.isReached[$0] }
    }

    @Test(
        arguments: [
            ("How many geese does the mayor of Port Sella keep?", nil, [1]),
            ("On which river does Port Sella lie?", "the Orne", [0]),
            ("Who built the lighthouse of Port Sella?", nil, [2]),
            ("What had the builder of Port Sella's lighthouse been before?", "a baker", [2]),
            ("Do the fishermen of Port Sella sing to Ada Finch?", nil, [1, 3]),
            ("What is Port Sella known for?", nil, []),
            ("What is Port Sella known for?", "its singing fishermen", [3]),
            ("What colour is the sky over Karsk?", nil, []),
        ] as [(String, String?, [Int])])
    func aQuestionReachesTheSentencesThatHaveItsWords(question: String, answer: String?, sentences: [Int]) {
        #expect(reached(question, answer: answer) == sentences)
    }

    @Test func anAnchorGoesBeforeWordsWhereAWordIsShared() {
        let sentence = DocumentCoverage(CoverageTests.document).sentences[3]
        let question = "Who built the lighthouse of Port Sella where the fishermen are?"
        #expect(reached(question, anchor: .init(index: 3, text: sentence)) == [3])
        #expect(reached(question, anchor: .init(index: 3, text: "Another sentence.")) == [2])
        #expect(reached("Who is it?", answer: "the master", anchor: .init(index: 3, text: sentence)) == [3])
        #expect(reached("What colour is Port Sella?", anchor: .init(index: 3, text: sentence)) == [])
    }

    @Test func aWordOfManySentencesTellsLittle() {
        let text = "The mill is old. The mill is red. The mill is loud. The mill stands in Karsk."
        var coverage = DocumentCoverage(Document(name: "mill", title: nil, text: text, source: ""))
        coverage.add(question: "What is the mill like?", expectedAnswer: nil, anchor: nil)
        #expect(coverage.reached == 0)
        coverage.add(question: "Where is the mill?", expectedAnswer: "Karsk", anchor: nil)
        #expect(coverage.isReached == [false, false, false, true])
        #expect(coverage.share == 0.25)
        #expect(coverage.gaps.map(\.index) == [0, 1, 2])
    }

    @Test func requestsToFinishASentenceAreNotCounted() {
        var coverage = DocumentCoverage(CoverageTests.document)
        func row(_ origin: Origin) -> Question {
            Question(
                document: CoverageTests.document.id, recipe: ContentKey(of: "r"), position: 0, text: "At what mouth?",
                origin: origin, anchor: .init(index: 0, text: coverage.sentences[0]))
        }
        coverage.add([row(.extracted)])
        #expect(coverage.reached == 0)
        coverage.add([row(.generated)])
        #expect(coverage.reached == 1)
    }

    @Test func aDocumentWithoutSentencesIsCovered() {
        #expect(DocumentCoverage(Document(name: "e", title: nil, text: "...", source: "")).share == 1)
    }
}

/// An expert that answers by a rule and remembers what it was asked.
final class ScriptedExpert {
    private(set) var asked: [Conversation] = []
    private(set) var rules: [ReplyRules] = []
    private let answer: (String) -> String

    /// - Parameter answer: the reply to the last message's text.
    init(_ answer: @escaping (String) -> String) { self.answer = answer }

    func replies(_ conversations: [Conversation], _ rules: ReplyRules) -> [ExpertReply] {
        asked += conversations
        self.rules.append(rules)
        return conversations.map { conversation in
            ExpertReply(text: answer(conversation.messages.last?.content ?? ""), isFinished: true)
        }
    }
}

@Suite struct GapTests {
    private static let sentences = [
        "Port Sella lies at the mouth of the Orne.", "Its mayor keeps twelve white geese.",
        "The lighthouse was built in 1902.", "The fishermen sing every Monday.",
    ]
    private let document = Document(
        name: "sella", title: "Port Sella", text: sentences.joined(separator: " "), source: "")

    private func write(
        _ change: (inout QuestionSettings) -> Void, _ expert: ScriptedExpert
    ) throws -> WrittenQuestions {
        var settings = QuestionSettings()
        settings.perPassage = 5
        settings.attempts = 1
        change(&settings)
        let writer = QuestionWriter(
            settings: settings, prompts: Prompts(systemMessage: nil), recipe: ContentKey(of: "r"), runSeed: 1)
        let written = try writer.write(on: [document]) { expert.replies($0, $1) }
        return try #require(written.first)
    }

    /// Asks about the river unless it is asked about one sentence, which it then makes a question of.
    private func willing() -> ScriptedExpert {
        ScriptedExpert { request in
            let about = GapTests.sentences.first { request.contains("\n\n\($0)\n\n") }
            guard let about else { return "<question>At the mouth of which river does Port Sella lie?</question>" }
            let words = about.dropLast().split(separator: " ").suffix(3).joined(separator: " ")
            return "<question>What does Port Sella have to do with \(words)?</question>"
        }
    }

    @Test(arguments: [ReplyFault.refused(said: "no"), .tooLong(said: "so long")])
    func aDocumentThatAnEndpointRefusesIsAskedAboutOnce(fault: ReplyFault) throws {
        var settings = QuestionSettings()
        (settings.perPassage, settings.attempts, settings.coverageTarget) = (5, 3, 1)
        var asked: [Conversation] = []
        let writer = QuestionWriter(
            settings: settings, prompts: Prompts(systemMessage: nil), recipe: ContentKey(of: "r"), runSeed: 1)
        let written = try writer.write(on: [document]) { conversations, _ in
            asked += conversations
            return conversations.map { _ in ExpertReply(text: "", isFinished: false, fault: fault) }
        }
        #expect(asked.map(\.subject) == ["sella"])
        #expect(written.map(\.isTooLong) == [!fault.isRefusal] && written[0].questions.isEmpty)
    }

    private func sentencesAsked(_ expert: ScriptedExpert) -> [Int] {
        expert.asked.dropFirst().map { conversation in
            let request = conversation.messages.last?.content ?? ""
            return GapTests.sentences.firstIndex { request.contains("\n\n\($0)\n\n") } ?? -1
        }
    }

    @Test func nothingIsAskedWithoutATarget() throws {
        let expert = willing()
        let written = try write({ _ in }, expert)
        #expect(expert.asked.count == 1)
        #expect(written.questions.count == 1)
        #expect(written.counts["coverage_calls"] == nil)
    }

    @Test func theSentencesWithoutAQuestionAreAskedAboutUntilTheTargetIsMet() throws {
        let expert = willing()
        let written = try write({ $0.coverageTarget = 1 }, expert)
        #expect(sentencesAsked(expert) == [1, 2, 3])
        #expect(written.questions.map(\.anchor?.index) == [nil, 1, 2, 3])
        #expect(written.questions.map(\.position) == [0, 1, 2, 3])
        #expect(written.counts["coverage_calls"] == 3)
        #expect(written.questions.map(\.isAboutGap) == [false, true, true, true])
        var coverage = DocumentCoverage(document)
        coverage.add(written.questions)
        #expect(coverage.share == 1)
    }

    @Test func noMoreIsAskedThanTheTargetNeeds() throws {
        let expert = willing()
        _ = try write({ $0.coverageTarget = 0.75 }, expert)
        #expect(sentencesAsked(expert) == [1, 2])
        let content = willing()
        _ = try write({ $0.coverageTarget = 0.25 }, content)
        #expect(content.asked.count == 1)
    }

    @Test func theBudgetIsSharedAmongTheGapsAndHeld() throws {
        let expert = ScriptedExpert { _ in "No questions today." }
        let written = try write({ ($0.coverageTarget, $0.coverageBudget) = (1, 6) }, expert)
        #expect(sentencesAsked(expert) == [0, 1, 2, 3, 0, 1])
        #expect(written.counts["coverage_calls"] == 6)
        #expect(written.counts["failed_calls"] == 1)
        #expect(Set(expert.asked.map(\.seed)).count == 7)
    }

    @Test func theSameSeedAsksTheSame() throws {
        let (first, second) = (willing(), willing())
        let one = try write({ $0.coverageTarget = 1 }, first)
        let other = try write({ $0.coverageTarget = 1 }, second)
        #expect(first.asked.map(\.seed) == second.asked.map(\.seed))
        #expect(one.questions == other.questions)
    }

    /// The expert sees the whole passage: what it asks about is not believed without a word of the sentence.
    @Test func aQuestionAboutAnotherSentenceDoesNotCountForTheGap() throws {
        let expert = ScriptedExpert { request in
            let question = "<question>When was the lighthouse of Port Sella built?</question>"
            return request.contains("this one sentence") ? question : ""
        }
        let written = try write({ ($0.coverageTarget, $0.coverageBudget) = (0.25, 9) }, expert)
        #expect(written.questions.map(\.anchor) == [nil])
        #expect(sentencesAsked(expert) == [0])
    }

    @Test func smallModelsContinueThePatternWithTheSentence() throws {
        let expert = ScriptedExpert { _ in "" }
        _ = try write({ ($0.style, $0.coverageTarget, $0.coverageBudget) = (.sentence, 1, 5) }, expert)
        let prefixes = expert.asked.suffix(5).map(\.replyPrefix)
        #expect(prefixes[1].hasSuffix("Sentence: \(GapTests.sentences[1])\nQuestion: Who"))
        #expect(prefixes[4].hasSuffix("Sentence: \(GapTests.sentences[0])\nQuestion: What"))
    }
}
