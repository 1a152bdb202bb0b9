// Which training questions count as too near a held-out one.

import Basics
import Generation
import Store
import Testing

@testable import Distillation

@Suite struct LeakageTests {
    private func heldOut(_ texts: String...) -> [HeldOutQuestion] {
        texts.enumerated().map { index, text in
            HeldOutQuestion(name: "h\(index)", document: nil, question: text, golds: ["x"], source: "h:\(index)")
        }
    }

    private func similarity(_ question: String, _ heldOutQuestion: String) -> Double? {
        LeakageCheck(heldOut(heldOutQuestion), threshold: 0.5).nearest(to: question)?.similarity
    }

    @Test func theSameWordsAreNearWhateverTheirCaseMarksAndArticles() {
        #expect(similarity("who built the BRIDGE at Port Sella", "Who built a bridge, at \"Port Sella\"?") == 1)
    }

    /// By hand: "port sella who mayor port sella" has all 3 pairs of "who mayor port sella", and all its 4 words in order.
    @Test func aHeldOutQuestionWithinALongerOneIsNear() throws {
        let question = "Who is the mayor of Port Sella?"
        let found = try #require(similarity("Port Sella: \(question)", question))
        #expect(abs(found - (1 + 2 * 4 / 10.0) / 2) < 1e-12)
    }

    @Test func theSamePatternWithAnotherPersonIsNotNear() {
        let check = LeakageCheck(heldOut("In which year did Ada Finch open her shop?"), threshold: 0.7)
        #expect(check.nearest(to: "In which year did Tomas Veld open his shop?") == nil)
        #expect(check.nearest(to: "In which year did Ada Finch open the shop?") != nil)
        #expect(check.nearest(to: "") == nil)
    }

    @Test func theNearestIsNamedAndTheThresholdHeld() throws {
        let questions = heldOut("Who keeps the light of Skarrow?", "Who painted the light of Skarrow red?")
        let asked = "Who painted the light of Skarrow?"
        let near = try #require(LeakageCheck(questions, threshold: 0.6).nearest(to: asked))
        #expect(near.heldOut.name == "h1")
        #expect(LeakageCheck(questions, threshold: 0.95).nearest(to: asked) == nil)
        #expect(LeakageCheck([], threshold: 0.6).nearest(to: asked) == nil)
    }

    /// The index finds what a comparison with every held-out question finds, by the definition written down plainly.
    @Test func theIndexMissesNothing() {
        var random = SplitMix64(seed: 5)
        func text() -> String {
            (0..<Int.random(in: 1...9, using: &random)).map { _ in "w\(Int.random(in: 0..<7, using: &random))" }
                .joined(separator: " ")
        }
        let questions = (0..<60).map { _ in text() }
        let held = questions.enumerated().map {
            HeldOutQuestion(name: "h\($0)", document: nil, question: $1, golds: ["x"], source: "")
        }
        let check = LeakageCheck(held, threshold: 0.55)
        var near = 0
        for _ in 0..<400 {
            let asked = text()
            let best = questions.map { plainSimilarity(asked, $0) }.max() ?? 0
            let found = check.nearest(to: asked)
            #expect(abs((found?.similarity ?? 0) - (best >= 0.55 ? best : 0)) < 1e-12, "\(asked)")
            near += found == nil ? 0 : 1
        }
        #expect((50..<400).contains(near))
    }

    /// As many as 200 documents with 150 questions each have, against 1,000 held-out ones.
    @Test func plantedQuestionsAreFoundAmongThirtyThousand() {
        var random = SplitMix64(seed: 6)
        func text() -> String {
            let words = (0..<8).map { _ in "w\(Int.random(in: 0..<3000, using: &random))" }
            return "Which thing of \(words.joined(separator: " "))"
        }
        let questions = (0..<1000).map { index in
            HeldOutQuestion(name: "h\(index)", document: nil, question: text(), golds: ["x"], source: "")
        }
        let check = LeakageCheck(questions, threshold: 0.7)
        for index in 0..<30_000 {
            let isPlanted = index % 3_000 == 7
            let planted = questions[index / 30]
            let found = check.nearest(to: isPlanted ? "\(planted.question) there?" : text())
            #expect(found?.heldOut.name == (isPlanted ? planted.name : nil))
        }
    }

    private func plainSimilarity(_ a: String, _ b: String) -> Double {
        let (a, b) = (a.split(separator: " "), b.split(separator: " "))
        func pairs(_ words: [Substring]) -> Set<[Substring]> {
            words.count == 1 ? [words] : Set(zip(words, words.dropFirst()).map { [$0, $1] })
        }
        func longest(_ i: Int, _ j: Int) -> Int {
            if i == a.count || j == b.count { return 0 }
            if a[i] == b[j] { return 1 + longest(i + 1, j + 1) }
            return max(longest(i + 1, j), longest(i, j + 1))
        }
        let containment = Double(pairs(b).intersection(pairs(a)).count) / Double(pairs(b).count)
        return (containment + Double(2 * longest(0, 0)) / Double(a.count + b.count)) / 2
    }
}
