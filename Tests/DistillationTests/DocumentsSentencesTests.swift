// Sentences are split where a reader would split them.

import Foundation
import Testing

@testable import Distillation

@Suite struct DocumentsSentencesTests {
    private func split(_ text: String) -> [String] { Sentences.split(text).map(\.text) }

    /// Each text is written with | where a sentence must end, and nowhere else.
    /// Marks that need no space behind them, or are typed in parts.
    @Test(arguments: [
        ("ཕྲུ་གུ་ཡོད།ཁང་པ་ཡོད།", 2), ("በሩ ተከፈተ፡፡ ድልድዩ ተሰራ፡፡", 2), ("门开了!桥建成了!很好。", 3), ("یہ دروازہ کھلا تھا۔پل بنا۔", 2),
        ("وہ پی۔ایچ۔ڈی ہے۔", 1),
        ("ꯃꯆꯨ ꯌꯥꯎꯏꫫꯌꯨꯝ ꯌꯥꯎꯏꫫ", 2),
    ])
    func sentencesOfOtherScriptsEnd(text: String, count: Int) {
        #expect(Sentences.split(text).count == count)
    }

    @Test(arguments: [
        "One.| Two!| Three?| Four…| Five",
        // Titles, initials, names.
        "Dr. Smith met Mrs. Jones at St. Mary's.| They left.",
        "J. R. R. Tolkien wrote it.| He was a professor.",
        "Maj. Gen. A. B. Hart commanded the 3rd Div. of the army.| It lost.",
        "John F. Kennedy Jr. was there.| So was Prof. Lee.",
        "Smith et al. 2020 found it.| Others did not.",
        // Numbers, dates, prices, versions.
        "It costs $3.50 or 2.75 euros.| Version 1.2.3 is free.",
        "See Fig. 3 and No. 12 on pp. 4 to 6.| They agree.",
        "It opened on Jan. 5, 1990.| It closed in Dec. 2001.",
        "It was built in 1995.| The tower is 12 m high.",
        "She finished no. 1.| 20 others gave up.",
        // Acronyms and companies.
        "The U.S. Army came.| It left the U.S.| The end.",
        "He works at Acme Inc. in London.| Acme Inc. Limited is another.",
        "They met at 5 p.m. in the hall.| At 6 p.m. the rest came.| It ended at 9 p.m.| The hall closed.",
        "She has a Ph.D. from Graz.| He has none.",
        "Bring tools, e.g. a hammer, i.e. something heavy, etc. before noon.| Then wait.",
        "They chose plan B.| It worked.",
        // Quotations and brackets.
        "He said \"Go.\"| Then he left.",
        "\"Stop!\" he cried.| \"Why?\" she asked.",
        "“Is it open?” asked the guard.| “Yes.”| Nobody moved.",
        "It rained.| (It always rains.)| We stayed.",
        "It is *very* old.| _Very_ old.| **Really.**| Yes.",
        "The tower fell.[1][23]| It was rebuilt.[4]",
        // Marks together.
        "What?!| No way!!| Well... maybe.| Well...| Perhaps.",
        // Names with marks inside.
        "Visit www.example.org or mail a.b@example.org today.| The file is run.sqlite there.",
        "Yahoo! is old.",
        "It hides the wires.|This is good!|The best.| Node.Js and Foo.Bar are names.",
        // Other languages.
        "東京は首都です。|人口は多い。|「本当？」|はい！|終わり",
        "¿Dónde está?| ¡Aquí!| El Sr. García lo sabe.",
        "यह एक वाक्य है।| यह दूसरा है।",
        "Das kostet 3,50 €.| Dr. Müller zahlt, d.h. er muss.| Sie nicht.",
        "Ça va ?| Oui, M. le maire est là.",
        "هل هذا صحيح؟| نعم.", "یہ ایک جملہ ہے۔| یہ دوسرا ہے۔",
        "Ποιος ήταν;| Κανείς.| Το ξέρω; ναι.", "No; it is one; So is it.",
        "水门于1912年开放。|“好！”|他说。", "「本当？」と彼は言った。|終わり。", "長さは３．５メートルです。|終わり。",
        "ကျွန်တော် လာပါမယ်။|သူ သွားပြီ။", "នេះជាប្រយោគ។|នេះទៀត។", "Սա առաջինն է։|Սա երկրորդն է։", "ይህ አንድ ነው።|ይህ ሁለት ነው።",
        "ეს პირველია.| ეს მეორეა.",
        "Er kam am 3. Mai 1912 an.| Im 19. Jahrhundert war es der 2. Hafen.| Er blieb.",
        "Sie hat z. B. Schiffe, bzw. Boote.| Er nicht.",
        "Das ist Nr. 5 in der Bahnhofstr.| Das weiß er.", "Voir M. Dupont, av. J.-C.| Fin.",
        "Он родился в 1912 г.| Он жил долго.",
        "Это было в г. Москве, т. е. там.| Конец.", "Los EE. UU. firmaron.| El pág. 5 falta.",
    ])
    func bordersAreWhereTheyShouldBe(marked: String) {
        let expected = marked.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(split(marked.replacing("|", with: "")) == expected)
    }

    @Test func linesOfAParagraphAreJoinedAndBlocksAreNot() {
        let text = """
            # The harbour of Velm

            The harbour has three piers, and the
            longest of them reaches 400 metres. It was
            built of oak

            Opening hours
            -------------

            - Monday to Friday from 9
            - Saturday closed, but the
              office answers letters. Sunday too
            * Holidays by arrangement
            1. Ring the bell. Wait.
            2. Enter

            | Pier | Length |
            |------|-------:|
            | East | 400 m  |

            ```
            let x = 1. Not a sentence.
            ```
            > Quoted words stay. So they do.

            ***
            """
        #expect(
            split(text) == [
                "The harbour has three piers, and the longest of them reaches 400 metres.",
                "It was built of oak",
                "Monday to Friday from 9",
                "Saturday closed, but the office answers letters.", "Sunday too",
                "Holidays by arrangement",
                "Ring the bell.", "Wait.", "Enter",
                "| Pier | Length |", "| East | 400 m |",
                "Quoted words stay.", "So they do.",
            ])
    }

    @Test func linesBrokenOnPurposeAreSentencesOfTheirOwn() {
        #expect(
            split("Name: Velm Light\nHeight: 41 m\nColour: dark green and white")
                == ["Name: Velm Light", "Height: 41 m", "Colour: dark green and white"])
        // A clause a line is one sentence: it goes on in lower case.
        #expect(
            split("The tower,\nwhich was built in the reign of Queen Ada,\nis tall.")
                == ["The tower, which was built in the reign of Queen Ada, is tall."])
    }

    @Test func rangesPointToTheTextAndTogetherHoldEveryWord() {
        let text = "  First one. Second\none!\n\n* Third “one.” Fourth "
        let sentences = Sentences.split(text)
        #expect(sentences.map { String(text[$0.range]) } == ["First one.", "Second\none!", "Third “one.”", "Fourth"])
        #expect(zip(sentences, sentences.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
    }

    @Test(arguments: ["", " \n\t\n", "---\n***\n...", "# Only a heading", "```\ncode"])
    func textWithoutSentencesHasNone(text: String) {
        #expect(split(text) == [])
    }
}
