// Questions are asked for in the documents' language, and English documents are asked about in the same words as ever.

import Generation
import Lineage
import Store
import Testing
import Tokenizers

@testable import Distillation

@Suite struct LanguageTests {
    @Test(arguments: [
        ("Die Mole von Velm schützt den Hafen. Sie wurde 1790 begonnen und ist 400 Meter lang.", "German"),
        ("La jetée protège le port depuis 1790. Elle est longue de 400 mètres et les bateaux y dorment.", "French"),
        ("El muelle protege el puerto desde 1790. Es una obra de piedra y los barcos duermen en él.", "Spanish"),
        (
            "Il molo protegge il porto dal 1790. È lungo 400 metri ed è una delle opere più antiche della città.",
            "Italian"
        ),
        ("De pier beschermt de haven. Hij werd in 1790 gebouwd en is een van de oudste van het land.", "Dutch"),
        (
            "Molo chroni port od 1790 roku. Jest to jedna z najstarszych budowli, która nie była nigdy przebudowana.",
            "Polish"
        ),
        ("Мол защищает порт с 1790 года. Он был построен из камня, и его длина не известна.", "Russian"),
        ("Мол захищає порт з 1790 року. Він був збудований із каменю, і його довжина не відома.", "Ukrainian"),
        ("Ο μόλος προστατεύει το λιμάνι.", "Greek"), ("埠頭は港を守る。", "Japanese"), ("码头保护港口。", "Chinese"),
        ("부두는 항구를 보호한다.", "Korean"), ("המזח מגן על הנמל.", "Hebrew"),
        ("الرصيف يحمي الميناء من الأمواج منذ زمن، وهذا هو السبب في أن السفن تنام في الميناء.", "Arabic"),
        ("این اسکله از بندر در برابر موج‌ها محافظت می‌کند و در سال ۱۷۹۰ ساخته شده است.", "Persian"),
    ])
    func aLanguageIsToldByItsWordsOrItsScript(text: String, name: String) {
        #expect(QuestionLanguage.of(text) == .named(name))
    }

    @Test(arguments: [
        "", "1790", "The mole of Velm, which Núñez and Müller built, was finished in 1790.",
        "Los Angeles 3, Las Vegas 4, El Paso 5", "let a = o + i; // de la", "A B C D E a b c i o u w z",
        "He wrote \"Die Mole ist nicht der Hafen\" on the wall, and the board of the harbour had it taken off.",
        "Naïve café: façade, résumé", "Pier East 400 m\nPier West 300 m",
    ])
    func whatMayBeEnglishIsEnglish(text: String) {
        #expect(QuestionLanguage.of(text) == .english)
    }

    @Test(arguments: [
        "Molas saugo uostą nuo bangų. Jis pastatytas iš akmens, ilgis keturi šimtai metrų.", "ท่าเรือ αβγδ Ա",
        "घाट बंदरगाह की रक्षा करता है।",
    ])
    func anotherLanguageHasNoNameHere(text: String) {
        #expect(QuestionLanguage.of(text) != .english)
    }

    @Test func aSettingGoesFirstByItsNameOrItsCode() {
        #expect(QuestionLanguage("German", for: "The mole.") == .named("German"))
        #expect(QuestionLanguage("de", for: "The mole.") == .named("German"))
        #expect(QuestionLanguage("Plattdeutsch", for: "The mole.") == .named("Plattdeutsch"))
        #expect(QuestionLanguage("en", for: "Ο μόλος.") == .named("English"))
        #expect(QuestionLanguage(nil, for: "Ο μόλος.") == .named("Greek"))
        #expect(QuestionLanguage(" ", for: "The mole.") == .english)
    }

    // MARK: - Requests

    private static let german = Document(
        name: "mole.md", title: "Die Mole",
        text: "Die Mole von Velm schützt den Hafen. Sie wurde 1790 begonnen und ist 400 Meter lang.", source: "mole.md")
    private static let english = Document(
        name: "pier.md", title: "The Pier", text: "The pier of Velm shelters the harbour.", source: "pier.md")

    /// What a writer asks about a document.
    private func requests(
        _ style: QuestionSettings.Style, _ document: Document, language: String? = nil, coverage: Double? = nil
    ) throws -> [Conversation] {
        var settings = QuestionSettings()
        (settings.style, settings.language, settings.coverageTarget) = (style, language, coverage)
        (settings.attempts, settings.perPassage, settings.coverageBudget) = (1, 5, 1)
        let writer = QuestionWriter(
            settings: settings, prompts: Prompts(systemMessage: nil), recipe: document.id, runSeed: 1)
        var asked: [Conversation] = []
        _ = try writer.write(on: [document]) { conversations, _ in
            asked += conversations
            return conversations.map { _ in ExpertReply(text: "no", isFinished: true) }
        }
        return asked
    }

    @Test(arguments: [QuestionSettings.Style.passage, .sentence])
    func everyRequestNamesTheLanguage(style: QuestionSettings.Style) throws {
        let asked = try requests(style, Self.german, coverage: 1)
        #expect(!asked.isEmpty && asked.allSatisfy { $0.messages.last?.content.contains(" in German.") == true })
        let english = try requests(style, Self.english, coverage: 1)
        #expect(!english.isEmpty && english.allSatisfy { $0.messages.last?.content.contains(" in English.") == false })
        let told = try requests(style, Self.english, language: "fr", coverage: 1)
        #expect(told.allSatisfy { $0.messages.last?.content.contains(" in French.") == true })
    }

    @Test func englishRequestsAreInTheWordsOfOld() throws {
        let passage = try #require(requests(.passage, Self.english).first?.messages.last?.content)
        #expect(passage.contains("instead of referring to the passage.\n\nPut each question in a tag of its own"))
        let gap = GapQuestions.messages(passage: "P", sentence: "S", in: .english)[0].content
        #expect(
            gap.contains("No multiple choice. Put each question in a tag of its own and write nothing else, like this"))
        let pair = PairQuestions.messages(Self.english, Self.english, in: .english)[0].content
        #expect(pair.contains("instead of referring to the texts.\n\nPut each question"))
        let sentence = try #require(requests(.sentence, Self.english).first)
        #expect(sentence.messages.last?.content.hasSuffix("Every question names what it asks about.") == true)
        #expect(sentence.replyPrefix.hasSuffix("\nQuestion: Who"))
        let rewriting = QuestionRewriting.messages(passage: "P", question: "Q?", answers: [])
        #expect(rewriting.last?.content.hasSuffix("Write the question and nothing else.") == true)
    }

    @Test func aQuestionInAnotherLanguageBeginsAsTheModelLikes() throws {
        let sentence = try #require(requests(.sentence, Self.german).first)
        #expect(sentence.replyPrefix.hasSuffix("\nQuestion:"))
        let reply = sentence.replyPrefix + " Wen schützt die Mole von Velm?\nAnswer: den Hafen\n"
        #expect(SentenceQuestions.parse(reply)?.question == "Wen schützt die Mole von Velm?")
    }

    @Test func pairsAndRewritingAreAskedForInIt() {
        let pair = PairQuestions.messages(Self.german, Self.german, in: .named("German"))[0].content
        #expect(pair.contains("referring to the texts. Write the questions in German.\n"))
        let unknown = GapQuestions.messages(passage: "P", sentence: "S", in: .that(of: "document"))[0].content
        #expect(unknown.contains(" Write the questions in the language of the document. Put each"))
        let rewriting = QuestionRewriting.messages(
            passage: "P", question: "Q?", answers: [], in: .that(of: "question"))
        #expect(rewriting.last?.content.hasSuffix(" Write it in the language of the question.") == true)
    }
}
