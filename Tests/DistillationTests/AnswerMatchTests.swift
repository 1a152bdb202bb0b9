// An answer is in a text where its words are whole words there, and its numbers whole numbers, however they are spelt.

import Testing

@testable import Distillation

@Suite struct AnswerMatchTests {
    /// Answers that a text says.
    @Test(arguments: [
        // Numbers in all spellings.
        ("It holds 4000 litres.", "4,000"), ("It holds 4 000 litres.", "4000"),
        ("It holds 4\u{202F}000 litres.", "4,000"),
        ("It holds 4'000 litres.", "4000"), ("It holds 4’000 litres.", "4,000"), ("Es fasst 4.000 Liter.", "4000"),
        ("Es fasst 1.234 Liter für 3,5 Euro.", "1234"), ("It holds 1,234,567.50 litres.", "1234567.50"),
        ("Es fasst 1.234.567,50 Liter.", "1234567.50"), ("It holds 12,34,567 litres.", "1234567"),
        ("The rate is 2.5.", "2,5"), ("It opened in 1912-13.", "1912"), ("It is open 1914–1918.", "1918"),
        ("a 12-metre boat", "12"), ("It was −40 °C.", "-40"), ("It was minus 40.", "-40"),
        ("It was –40 outside.", "-40"),
        ("It costs 7%.", "7 %"), ("It costs 7 per cent.", "7%"), ("Es kostet 7 Prozent.", "7 %"),
        ("It costs $5.", "$5"),
        ("It costs 5 dollars.", "$5"), ("It costs US$5 million.", "$5 million"),
        ("It costs 5 million dollars.", "$5 million"),
        ("It costs 5.50 €.", "€5.5"), ("It is 10°C.", "10 °C"), ("It is 10 ℃.", "10 °C"), ("It is 12km long.", "12 km"),
        ("It is 3½ years old.", "3 1/2"), ("Take 3/4 of it.", "3/4"), ("It left at 12:30.", "12:30"),
        ("Berth No. 3", "Nr. 3"), ("٤٠ metres", "40"), ("४० metres", "40"), ("４０ metres", "40"), ("۴۰ متر", "40"),
        ("It opened on 12.05.1912.", "1912"), ("Version 1.20 is out.", "v1.20"), ("It uses v2.", "version 2"),
        ("About .5 of it", "0.5"), ("10² of them", "10^2"), ("No. 12,000 men came.", "12000"),
        // Names with marks.
        ("It is written in C++.", "C++"), ("It is written in C#, not Java.", "C#"), ("They use F# there.", "f#"),
        ("It runs on .NET now.", ".NET"), ("It uses A* search.", "A*"), ("Smith & Sons built it.", "Smith and Sons"),
        ("AT&T built it.", "AT&T"), ("The U.S. Army", "US Army"), ("He got an A+.", "A+"), ("Use *C*.", "C"),
        ("O'Brien", "Brien"),
        // One letter.
        ("It has vitamin A.", "A"), ("vitamin A", "vitamin A"), ("(A)", "A"), ("A.", "A"), ("a", "A"),
        ("It is grade A timber.", "A"),
        ("A is the first berth.", "A"), ("It was Elizabeth the First, or Queen Elizabeth I of old.", "I"),
        ("Berth B", "b"),
        // Articles and small words.
        ("She is mayor of Orrin.", "the mayor"), ("A flower shop.", "flower shop"),
        ("winter of 1902", "the winter of 1902"),
        ("They like The Who a lot", "The Who"), ("He said to be or not to be.", "To be or not to be"),
        ("The US won.", "US"),
        ("In May.", "May"), ("Yes, no doubt.", "no"), ("No.", "no"),
        // Spellings of one word.
        ("Die Strasse ist lang.", "Straße"), ("STRASSE", "straße"), ("cafe\u{301}", "café"),
        ("the ﬁrst oﬃce", "first office"),
        ("the har\u{AD}bour mas\u{200B}ter", "harbour master"), ("Carver’s lock", "Carver's lock"),
        ("İstanbul", "istanbul"),
        ("ISPARTA", "Isparta"), ("ΑΘΗΝΑ", "Αθήνα"), ("Ο ναός του Οδυσσέως", "οδυσσεωσ"), ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("שָׁלוֹם", "שלום"), ("Rock‑and‑roll", "rock and roll"), ("l’eau", "eau"),
        // Scripts without spaces, and Korean with its endings.
        ("فُتح عام 1912م.", "1912"), ("Открыт в 1913г.", "1913"), ("Это 5км.", "5 км"), ("१९१५में खुला", "1915"),
        ("ב1914 נפתח", "1914"), ("Его построил Королев.", "Королёв"), ("水门于1912年开放。", "1912"), ("首都は東京です。", "東京"),
        ("首都は東京です。", "東京です"), ("นครหลวงคือกรุงเทพฯ", "กรุงเทพ"),
        ("サイズはＡ４です", "A4"), ("축제는 부산에서 열렸다.", "부산"), ("그것은 서울이다", "서울"), ("1912년에 열렸다", "1912"), ("부산", "부산"),
        // No words at all.
        ("The key is ?.", "?"), ("Type \"->\" there", "->"), ("It shows 🐟 .", "🐟"),
    ])
    func isSaid(_ text: String, _ answer: String) {
        #expect(AnswerMatch.contains(text, answer), "\(text): \(answer)")
    }

    /// Answers that a text does not say.
    @Test(arguments: [
        ("It opened in 1912.", "12"), ("It opened in 1912.", "191"), ("It is 12.5 metres.", "12"),
        ("It is 12,000 metres.", "12"),
        ("It is 12 000 metres.", "12"), ("It is 12'000 metres.", "12"), ("It was -3 outside.", "3"),
        ("It was −3 outside.", "3"),
        ("It was minus 3.", "3"), ("It was 3.", "-3"), ("The 12th gate", "12"), ("in the 1990s", "1990"),
        ("3D glasses", "3"),
        ("vitamin B12", "12"), ("It is 3.141.", "3141"), ("It is 15 %.", "5 %"), ("It costs $50.", "$5"),
        ("It costs $5.50.", "$5"),
        ("It costs €5.", "$5"), ("5 ships", "5 %"), ("It left at 12:30.", "12"), ("3/4 of it", "3"), ("3½ years", "3"),
        ("v1.2", "v1.20"), ("version 1.20", "1.2"), ("It runs 1.2.3.", "1.2"), ("10² of them", "102"),
        ("100 of them", "10"),
        ("10 °F", "10 °C"), ("Berth No. 3", "no"), ("٤٠٠", "40"), ("水门于1912年开放。", "12"),
        ("They know it.", "no"), ("noon", "no"), ("The lock opened.", "C++"), ("It is written in C.", "C++"),
        ("It is written in C++.", "C"), ("It is written in C#.", "C"), ("It is written in C#.", "C++"),
        ("The net is wide.", ".NET"),
        ("It runs on .NET.", "net"), ("He got an A.", "A+"), ("He got an A*.", "A"), ("a ship", "A"),
        ("A ship came.", "A"),
        ("He saw a ship. A gull cried.", "A"), ("I think so, as I said.", "I"), ("Carver's lock", "S"),
        ("vitamin C", "vitamin A"),
        ("give it to us", "US"), ("it may rain", "May"), ("It is old.", "It is May"), ("Who is it?", "The Who"),
        ("not at all", "To be or not to be"), ("carver", "A"), ("bus", "US"), ("He said it.", "IT"), ("schon", "schön"),
        ("año", "ano"), ("부산물이다", "부산"), ("부산에서", "산"), ("東京です", "京都"), ("กรุงเทพ", "เทพี"),
        ("", "x"), ("x", ""), ("x", "  "), ("x", "\u{200B}"), ("What is it?", "?"), ("a->b", "->"),
        ("Anything", "\u{AD}"),
    ])
    func isNotSaid(_ text: String, _ answer: String) {
        #expect(!AnswerMatch.contains(text, answer), "\(text): \(answer)")
    }

    /// Marks, signs, capitals and full stops that belong to an answer.
    @Test(
        arguments: [
            ("It is C++17.", "C++"), ("C#12 is out", "C#"), ("F#6", "F#"), ("C♯ it is", "C#"), ("It lost -$3.", "-$3"),
            ("a loss of −$3 million", "-$3 million"), ("It was -€40.", "-40 €"), ("€-40", "-€40"), ("minus $3", "-$3"),
            ("It is 1e-12 m.", "1e-12"), ("1.5E+12", "1.5e12"), ("6.02x10^23", "6.02 × 10²³"),
            ("on 1912.05.12", "1912"), ("₹12,34,567.50", "1234567.50"), ("in 1912,1913", "1913"),
            ("Chanel No. 5", "№ 5"), ("Chanel No 5", "No. 5"), ("№ 5", "No 5"), ("Chanel № 5 was sold", "No. 5"),
            ("May was wet.", "May"), ("Will designed it.", "Will"), ("Us is a film", "Us"),
            ("Polish sailors came", "Polish"), ("In March.", "March"), ("it was in march", "March"),
            ("12 august 1912", "August"), ("J. R. R. Tolkien wrote it", "J.R.R. Tolkien"),
            ("J.R.R. Tolkien", "J. R. R. Tolkien"), ("He has a Ph.D. in law", "PhD"), ("a PhD", "Ph.D."),
            ("M.Sc.", "MSc"), ("5 US dollars", "$5"), ("5 million U.S. dollars", "$5 million"), ("$5", "5 US dollars"),
            ("(2,-3)", "-3"), ("5€-40€", "40 €"), ("It opened 12.05.1912", "1912"), ("Elizabeth I, the queen", "I"),
            ("World War I, they say", "I"),
        ] as [(String, String)])
    func isSaidWithItsMarks(_ text: String, _ answer: String) {
        #expect(AnswerMatch.contains(text, answer), "\(text): \(answer)")
    }

    @Test(
        arguments: [
            ("I'm sure", "I"), ("I've heard", "I"), ("I, the keeper, know", "I"), ("It is C++17.", "C"), ("C#12", "C"),
            ("It lost -$3.", "$3"), ("It was -€40.", "€40"), ("€-40", "40"), ("(2,-3)", "3"), ("|-3|", "3"),
            ("a/−3", "3"), ("1e-12", "12"), ("1.5E+12", "12"), ("6.02x10^23", "23"), ("₹12,34,567.50", "50"),
            ("They march on", "March"), ("They polish it", "Polish"), ("an august man", "August"), ("May I go?", "May"),
            ("Will it rain?", "Will"), ("So was he", "So"), ("No 3 ships came", "№ 3"), ("There were 5 US ships", "$5"),
            ("2 x 10 boxes", "2e10"),
        ] as [(String, String)])
    func isNotSaidWithoutItsMarks(_ text: String, _ answer: String) {
        #expect(!AnswerMatch.contains(text, answer), "\(text): \(answer)")
    }

    @Test func oneOfSeveralAnswersIsEnough() {
        #expect(AnswerMatch.contains("It took 38 years.", anyOf: ["thirty-eight", "38"]))
        #expect(!AnswerMatch.contains("It took 38 years.", anyOf: ["3", "8", "years old"]))
        #expect(!AnswerMatch.contains("It took 38 years.", anyOf: []))
    }

    @Test func tellingWordsAreWholeWordsAndCharacters() {
        #expect(AnswerMatch.tellingWords("The lock holds 4,000 of C++.") == ["lock", "holds", "4000", "c++"])
        #expect(AnswerMatch.tellingWords("東京は1912年") == ["東", "京", "は", "1912", "年"])
        #expect(AnswerMatch.tellingWords("It is the") == ["it", "is", "the"])
    }
}
