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

    /// Questions on a text that says nothing of their subject but the name.
    @Test(arguments: [
        "من صمم بوابة أورين؟", "چه کسی دروازه را ساخت؟", "Ποιος σχεδίασε την πύλη του Όριν;",
        "Ποιος σχεδίασε την πύλη του Όριν\u{37E}",
        "水門は誰が設計しましたか。", "水門は誰が設計しましたか", "水门是谁设计的呢", "奥林的水门是在一九一二年开放的吗？", "水门是谁设计的?",
        "¿Quién diseñó la puerta de Orrin?", "Ո՞վ է նախագծել Օրինի դարպասը։", "የኦሪንን በር ማን ነደፈው፧", "ใครเป็นผู้ออกแบบประตูน้ำ",
        "ประตูน้ำเปิดเมื่อปีใด",
        "ໃຜເປັນຜູ້ອອກແບບປະຕູນ້ຳ", "តើនរណារចនាទ្វារទឹក", "ရေတံခါးကို ဘယ်သူ တည်ဆောက်ခဲ့သလဲ။", "수문은 누가 설계했나요?", "수문은 누가 설계했습니까",
        "द्वार किसने बनाया था?", "ვინ ააშენა ორინის კარიბჭე?", "מי תכנן את השער?", "**Who designed the gate of Orrin?**",
        "\"Who designed the gate of Orrin?\"  ", "Who designed the gate of Orrin?!",
        "(Who designed the gate of Orrin?)",
        "Wer hat Orrins Schleuse entworfen?", "Orrinin portin suunnittelija?", "Kuka suunnitteli Orrinin sulkuportin?",
        "Кто спроектировал ворота Оррина?", "Orrin'in kapısını kim tasarladı?",
    ])
    func questionsOfEveryLanguagePass(question: String) {
        var filter = QuestionFilter(
            title: "Orrin", text: "The gate of Orrin opened. The Оррин and the Όριν are the same, as is the Օրին.")
        #expect(filter.rejection(of: question) == nil, "\(question)")
    }

    @Test(arguments: [
        "Ines designed the gate of Orrin; it opened in 1912;", "水門は彼女が設計しました。", "水门是她设计的。", "ประตูน้ำเปิดในปีนั้น",
        "صممت إيناس بوابة أورين.", "Who designed it? And who built Orrin?", "수문은 1912년에 열렸다.",
    ])
    func statementsOfEveryLanguageDoNot(question: String) {
        var filter = QuestionFilter(title: "Orrin", text: "The gate of Orrin opened.")
        #expect(filter.rejection(of: question) == .notAQuestion, "\(question)")
    }

    @Test(arguments: [
        "What does the passage say about Orrin?", "According to the text, who leads Orrin?",
        "What is the article about Orrin about?",
        "Who leads Orrin in the passage above?", "Which of the following is true of Orrin?",
        "Who is Orrin in this document?",
        "What does the author say about Orrin?", "What is the main idea of the text on Orrin in the paragraph?",
        "What is the title of the article about Orrin?", "Who is mentioned in the second paragraph about Orrin?",
        "Which towns near Orrin are mentioned?", "What is the aforementioned mayor of Orrin called?",
        "What do the sentences above say of Orrin?", "In the given text, who leads Orrin?",
        "Who leads Orrin, based on the article?",
    ])
    func aQuestionThatPointsAtItsTextIsDropped(question: String) {
        let text = "The town of Orrin has a mayor. It is led by Ada."
        var filter = QuestionFilter(title: "Orrin", text: text)
        #expect(filter.rejection(of: question) == .aboutTheText, "\(question)")
        var keeper = QuestionFilter(title: "Orrin", text: text, keepsPointers: true)
        #expect(keeper.rejection(of: question) == nil, "\(question)")
    }

    @Test(arguments: [
        "What does Article 9 of the Orrin Charter forbid?", "Which document must a skipper carry into Orrin?",
        "How long is a building title valid in Orrin?", "How far above the sea does the tower of Orrin stand?",
        "Which travel document is needed in Orrin?", "Who wrote the text of the Orrin Charter?",
        "Who is the author of the Orrin songs?",
        "In the following year, who led Orrin?", "Who first mentioned the comet in Orrin?",
        "What is the title of the head of Orrin?",
        "Which sentence did the court of Orrin pass?", "What is the passage of Orrin called?",
        "Who signed the document that freed Orrin?",
        "Which paragraph of the charter speaks of Orrin?", "To whom was the writer Ada Orrin married?",
    ])
    func aWordThatMeansAThingIsNone(question: String) {
        // "The passage" is a street here.
        var filter = QuestionFilter(title: "Orrin", text: "The Orrin passage leads past the court of Orrin to the sea.")
        #expect(filter.rejection(of: question) == nil, "\(question)")
    }

    @Test func namesOfOtherScriptsDoNotSilenceAQuestion() {
        // A text in Chinese with one Latin name, and one in Russian with a name in another case.
        var chinese = QuestionFilter(title: nil, text: "水门由 Ines Gorm 设计。它在 Tarn 开放。")
        #expect(chinese.rejection(of: "水门是谁设计的？") == nil)
        var russian = QuestionFilter(title: nil, text: "Ворота построила Инес Горм. Их открыл Оррин.")
        #expect(russian.rejection(of: "Кто построил ворота для Оррина?") == nil)
        #expect(russian.rejection(of: "Кто и когда построил эти ворота?") == .namesNothing)
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

    @Test func aQuestionMayMentionTheTag() {
        let reply = """
            <question>What does the `<question>` element need?</question>
            Question 2: <question>Who is it?</question> <question>When?</question>
            """
        #expect(PassageQuestions.parse(reply) == ["What does the `<question>` element need?", "Who is it?", "When?"])
        #expect(
            QuestionRewriting.parse("<question>What does the <question> element of Tarn need?</question>")
                == "What does the <question> element of Tarn need?")
    }

    @Test(arguments: [
        ("Who wrote the play “Who Opened the Lock?” in 1912?", true), ("What does the operator `?.` do in Tarn?", true),
        ("Which language does https://tarn.example/a?lang=en show?", true),
        ("What did \"Why?\" on the wall of Tarn mean?", true),
        ("타른의 수문은 언제 열렸는가", true), ("타른의 수문은 누가 열었나요", true), ("타른의 수문은 1912년에 열렸다", false),
        ("Who built it? When was it?", false), ("Is it `?.`", false), ("Who built it?When?", false),
    ])
    func aQuestionHasOneMarkOfItsOwn(line: String, asks: Bool) {
        #expect(QuestionMark.asks(line) == asks)
    }

    /// No rule on letters knows a name in another case or mutation; in English it must stand as it does in the text.
    @Test(arguments: [
        ("Praha", "Hlavní město je Praha a leží na řece.", "Kdo postavil most v Praze?"),
        ("Turku", "Turku on vanha kaupunki joen rannalla.", "Milloin silta rakennettiin Turussa?"),
        ("Уфа", "Город Уфа стоит на реке.", "Кто построил мост в Уфе?"),
        ("Baile", "Tá Baile Velm ar an gcósta.", "Cé a thóg an droichead i mBaile Velm?"),
    ])
    func namesMayChangeTheirForm(title: String, text: String, question: String) {
        var filter = QuestionFilter(title: title, text: text)
        #expect(filter.rejection(of: question) == nil)
    }

    @Test(arguments: [
        ("The boxer became champion in Velm.", "Who won against Orla in Velm to win the title?"),
        ("The court of Velm sentenced Orla in 1790.", "Which court of Velm pronounced the sentence?"),
        ("The oil is extracted in Velm by boiling.", "How long do workers in Velm boil the extract?"),
    ])
    func whatAFieldCallsATitleOrASentenceIsNoText(text: String, question: String) {
        var filter = QuestionFilter(title: "Velm", text: text)
        #expect(filter.rejection(of: question) == nil)
    }

    @Test func wordsThatReadAlikeAreOne() {
        var filter = QuestionFilter(title: "Hof\u{FB01}eld", text: "Hof\u{FB01}eld has a \u{FB01}rst gate.")
        #expect(filter.rejection(of: "Who built the gate of Hoffield?") == nil)
        #expect(filter.rejection(of: "Who opened the first gate of Hoffield?") == nil)
        #expect(filter.rejection(of: "Who opened the \u{FB01}rst gate of Hoffield?") == .duplicate)
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
