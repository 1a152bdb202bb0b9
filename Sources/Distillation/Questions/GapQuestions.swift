// Further questions about the sentences of a document that no question reaches, until enough are reached or the calls are
// used up. Knows words, not models.

import Lineage
import Store
import Tokenizers

enum GapQuestions {
    /// Begins the names of the calls, by which their questions are known.
    static let callPrefix = "gap."

    /// A request about one sentence to a model that follows instructions.
    static func messages(passage: String, sentence: String, in language: QuestionLanguage) -> [ChatMessage] {
        let request = """
            Write two trivia questions about this one sentence of the passage above:

            \(sentence)

            The answers have to be in that sentence. Each question has to be understandable on its own by somebody who does \
            not have the passage at hand: name the people, places and things it is about. No multiple choice.\(language.request()) \
            Put each question in a tag of its own and write nothing else, like this general example:

            <question>Which metal is liquid at room temperature and was once used in thermometers?</question>
            """
        return [ChatMessage(role: "user", content: "\(passage)\n\n\(request)")]
    }
}

extension Question {
    /// Whether it was asked for because no question reached a sentence.
    public var isAboutGap: Bool { call?.hasPrefix(GapQuestions.callPrefix) == true }
}

extension QuestionWriter {
    /// Asks about sentences that no question reaches, those first that have been asked about least, as many at a time as the
    /// target lacks.
    func closeGaps(_ drafts: inout [QuestionDraft], upTo target: Double, _ reply: AskExpert) throws {
        // How often each sentence has been asked about, by document.
        var asked = drafts.map { _ in [Int: Int]() }
        while true {
            for index in drafts.indices where !drafts[index].isRefused {
                let gaps = nextGaps(drafts[index].coverage, asked[index], target)
                drafts[index].add(
                    gaps.map { gapCall($0, round: asked[index][$0.index] ?? 0, of: drafts[index].document) })
                for gap in gaps { asked[index][gap.index, default: 0] += 1 }
            }
            guard !drafts.allSatisfy(\.pending.isEmpty) else { break }
            try ask(&drafts, 0, reply)
            try rewrite(&drafts, reply)
        }
        for index in drafts.indices { drafts[index].counts["coverage_calls"] = asked[index].values.reduce(0, +) }
    }

    private func nextGaps(
        _ coverage: DocumentCoverage, _ asked: [Int: Int], _ target: Double
    ) -> [Question.Anchor] {
        // A hair less, since a share times a count seldom comes out whole.
        let wanted = Int((target * Double(coverage.sentences.count) - 1e-9).rounded(.up))
        let missing = max(0, wanted - coverage.reached)
        let calls = max(0, settings.coverageBudget - asked.values.reduce(0, +))
        let gaps = coverage.gaps.sorted { (asked[$0.index] ?? 0, $0.index) < (asked[$1.index] ?? 0, $1.index) }
        return Array(gaps.prefix(min(missing, calls)))
    }

    /// - Parameter round: how often the sentence has been asked about before.
    private func gapCall(_ gap: Question.Anchor, round: Int, of document: Document) -> QuestionCall {
        let key = "\(GapQuestions.callPrefix)\(gap.index).\(round)"
        switch settings.style {
        case .passage:
            return QuestionCall(
                key: key,
                messages: GapQuestions.messages(
                    passage: document.passage, sentence: gap.text, in: language(of: document)),
                anchor: gap, seesDocument: true)
        case .bonito:
            let context = "\(document.subject)\n\n\(gap.text)"
            return QuestionCall(
                key: key, messages: BonitoQuestions.messages(context: context), template: BonitoQuestions.template,
                anchor: gap)
        case .sentence:
            return sentenceCall(key, gap, opener: round, of: document, in: language(of: document))
        }
    }
}
