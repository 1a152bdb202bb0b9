// Which questions are kept, and what the prompts' replies are read as.

import Testing

@testable import Distillation

@Suite struct QuestionTests {
    @Test func onlyUsableQuestionsPass() {
        var filter = QuestionFilter(
            title: nil, text: "The town of Port Sella lies on the Orne. Its mayor is Ada Finch.")
        #expect(filter.rejection(of: "Who is the mayor of Port Sella?") == nil)
        #expect(filter.rejection(of: "who is THE mayor, of Port Sella?") == .duplicate)
        #expect(filter.rejection(of: "The mayor of Port Sella.") == .notAQuestion)
        #expect(filter.rejection(of: "Who? What about Port Sella?") == .notAQuestion)
        #expect(filter.rejection(of: "Why Sella?") == .badLength)
        #expect(filter.rejection(of: "What does the passage say about Port Sella?") == .aboutTheText)
        #expect(filter.rejection(of: "Who is the mayor of the town?") == .namesNothing)
        #expect(filter.rejection(of: "What is Its mayor called?") == .namesNothing)
    }

    @Test func shoutedWordsAreNoNames() {
        var filter = QuestionFilter(
            title: "THE TOWN",
            text: "You must NEVER say THAT in Port Sella. They never do it at NASA, nor in the town.")
        #expect(filter.rejection(of: "Who was told not to say THAT?") == .namesNothing)
        #expect(filter.rejection(of: "What must one NEVER say?") == .namesNothing)
        #expect(filter.rejection(of: "Who lives in THE TOWN?") == .namesNothing)
        #expect(filter.rejection(of: "What do they never do at NASA?") == nil)
        #expect(filter.rejection(of: "What must you NEVER say in Sella?") == nil)
    }

    @Test func scriptsWithoutCapitalsNeedNoNames() {
        var filter = QuestionFilter(title: nil, text: "東京は日本の首都です。")
        #expect(filter.rejection(of: "日本の首都はどこですか？") == nil)
    }

    @Test(arguments: [
        ("Where was she born?", "Where was Ada Finch born?"),
        ("Who paid for her journeys?", "Who paid for Ada Finch's journeys?"),
        ("Who gave the prize to her?", "Who gave the prize to Ada Finch?"),
        ("When did they give her to the school?", "When did Ada Finch give her to the school?"),
        ("Who keeps the keys?", "Ada Finch: Who keeps the keys?"),
    ])
    func aQuestionAboutAPersonNamesThePerson(question: String, named: String) {
        #expect(StandingAlone(title: "Ada Finch").named(question) == named)
    }

    @Test(arguments: [
        ("How long is it?", "How long is the Bridge of Glass?"),
        ("Who built the bridge?", "Who built the Bridge of Glass?"),
        ("What is the bridge's colour?", "What is the Bridge of Glass's colour?"),
        ("What are its cables made of?", "What are the Bridge of Glass's cables made of?"),
        ("Who paints the railings?", "The Bridge of Glass: Who paints the railings?"),
    ])
    func aQuestionAboutAThingNamesTheThing(question: String, named: String) {
        #expect(StandingAlone(title: "The Bridge of Glass").named(question) == named)
    }

    @Test func taggedQuestionsAreFound() {
        let reply = "Sure!\n<question>Who is\n it?</question> and <question> </question><question>cut off"
        #expect(PassageQuestions.parse(reply) == ["Who is it?"])
    }

    @Test func theLastPairOfAContinuedPatternIsRead() throws {
        let prefix = SentenceQuestions.replyPrefix(
            title: "Port Sella", sentence: "It has 12 ships.", opener: "How many")
        let pair = try #require(SentenceQuestions.parse(prefix + " ships does Port Sella have?\nAnswer: 12\n"))
        #expect(pair == ("How many ships does Port Sella have?", "12"))
        #expect(SentenceQuestions.parse(prefix + " ships does") == nil)
        #expect(SentenceQuestions.parse("no pattern at all") == nil)
    }

    @Test func theModelIsShownPlainLines() {
        let prefix = SentenceQuestions.replyPrefix(
            title: "Port Sella", sentence: "It has 12 ships.", opener: "How many")
        #expect(
            prefix.hasPrefix(
                """
                Topic: Tomas Veld
                Sentence: Tomas Veld was born in Karsk and studied law before he opened a flower shop in 1902.
                Question: Where was Tomas Veld born?
                Answer: Karsk

                """))
        #expect(prefix.hasSuffix("\n\nTopic: Port Sella\nSentence: It has 12 ships.\nQuestion: How many"))
        let labels: Set<Substring> = ["Topic", "Sentence", "Question", "Answer"]
        for line in prefix.split(separator: "\n") {
            #expect(labels.contains(line.prefix { $0 != ":" }), "\(line)")
        }
    }

    @Test func aPairMustBeAnsweredByItsSentence() {
        let sentence = "It has 12 ships."
        #expect(SentenceQuestions.isUsable(question: "How many ships has it?", answer: "12", sentence: sentence))
        #expect(!SentenceQuestions.isUsable(question: "How many ships has it?", answer: "14", sentence: sentence))
        #expect(!SentenceQuestions.isUsable(question: "Has it 12 ships?", answer: "12", sentence: sentence))
    }
}
