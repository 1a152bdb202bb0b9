// Questions that need two documents: one that shows both is asked for what only someone who knows both can answer. For
// models that follow instructions. Knows words, not models.

import Basics
import Generation
import Lineage
import Store
import Tokenizers

enum PairQuestions {
    static func messages(_ first: Document, _ second: Document, in language: QuestionLanguage) -> [ChatMessage] {
        [ChatMessage(role: "user", content: "\(both(first, second))\n\n\(request(in: language))")]
    }

    /// Two documents as a prompt shows them.
    static func both(_ first: Document, _ second: Document) -> String {
        "First text:\n\n\(first.passage)\n\n---\n\nSecond text:\n\n\(second.passage)"
    }

    /// Whether a question has a telling word of each document that the other does not have. One without can be answered from
    /// one of them, or is about what both say.
    static func needsBoth(_ question: String, _ first: Document, _ second: Document) -> Bool {
        let asked = QuestionWords.telling(question)
        let (one, other) = (QuestionWords.telling(first.passage), QuestionWords.telling(second.passage))
        return !asked.isDisjoint(with: one.subtracting(other)) && !asked.isDisjoint(with: other.subtracting(one))
    }

    private static func request(in language: QuestionLanguage) -> String {
        """
        ---

        Write three challenging trivia questions, each of which can only be answered by somebody who knows both texts: \
        compare what they say, or ask for something in one text by way of something in the other. If one text is enough to \
        answer it, the question is of no use. No multiple choice. Each question has to be understandable on its own: name \
        the people, places and things it is about instead of referring to the texts.\(language.request())

        Put each question in a tag of its own and write nothing else, like these general examples:

        <question>Which of the two was completed first, the Eiffel Tower or the Statue of Liberty?</question>
        <question>How many years after the first moon landing did the Berlin Wall fall?</question>
        """
    }
}

extension QuestionWriter {
    /// Questions on a document and each of some others.
    /// - Parameters:
    ///   - pairs: documents with those that they are paired with.
    ///   - positions: how many questions each of the first documents has already.
    public func write(
        onPairs pairs: [(document: Document, partners: [Document])], after positions: [Int], reply: AskExpert
    ) throws -> [WrittenQuestions] {
        var drafts = pairs.flatMap { pair in
            pair.partners.map { PairDraft(first: pair.document, second: $0, keepsPointers: settings.keepsPointers) }
        }
        for attempt in 0..<settings.attempts {
            let pending = drafts.indices.filter { drafts[$0].questions.isEmpty && !drafts[$0].isRefused }
            guard !pending.isEmpty else { break }
            let replies = try reply(pending.map { conversation(drafts[$0], attempt) }, rules)
            for (index, reply) in zip(pending, replies) { drafts[index].read(reply, attempt) }
        }
        var rest = drafts[...]
        return zip(pairs, positions).map { pair, position in
            let own = rest.prefix(pair.partners.count)
            rest = rest.dropFirst(own.count)
            return written(Array(own), after: position)
        }
    }

    private func conversation(_ draft: PairDraft, _ attempt: Int) -> Conversation {
        let key = ContentKey(
            of: "question call", draft.first.id.description, draft.second.id.description, recipe.description,
            String(attempt))
        let messages = PairQuestions.messages(draft.first, draft.second, in: language(of: draft.first))
        return Conversation(
            prompts.conversation(messages), seed: key.seed(run: runSeed),
            subject: "\(draft.first.name) with \(draft.second.name)")
    }

    private func written(_ drafts: [PairDraft], after position: Int) -> WrittenQuestions {
        let found = drafts.flatMap { draft in draft.questions.map { (draft: draft, question: $0) } }
        let rows = found.enumerated().map { place, found in
            Question(
                document: found.draft.first.id, recipe: recipe, position: position + place, text: found.question.text,
                call: found.question.call, secondDocument: found.draft.second.id)
        }
        let counts = drafts.reduce(into: ["kept": rows.count, "calls": drafts.count]) { counts, draft in
            counts.merge(draft.counts, uniquingKeysWith: +)
        }
        return WrittenQuestions(questions: rows, counts: counts)
    }
}

/// The questions on two documents while they are written.
private struct PairDraft {
    let first: Document
    let second: Document
    var questions: [(text: String, call: String)] = []
    var counts: [String: Int] = [:]
    /// Whether an endpoint will not write about the two.
    private(set) var isRefused = false
    private var filter: QuestionFilter

    init(first: Document, second: Document, keepsPointers: Bool) {
        (self.first, self.second) = (first, second)
        let title = [first.title, second.title].compactMap(\.self).joined(separator: " ")
        filter = QuestionFilter(title: title, text: "\(first.text)\n\n\(second.text)", keepsPointers: keepsPointers)
    }

    mutating func read(_ reply: ExpertReply, _ attempt: Int) {
        if reply.repeatsItself { counts[QuestionRejection.repeatsItself.rawValue, default: 0] += 1 }
        if reply.fault?.isFinal == true {
            isRefused = true
            counts[WrittenQuestions.refusedCalls, default: 0] += 1
        }
        for text in PassageQuestions.parse(reply.text) {
            if let fault = filter.rejection(of: text) {
                counts[fault.rawValue, default: 0] += 1
            } else if PairQuestions.needsBoth(text, first, second) {
                questions.append((text, "pair.\(second.id).\(attempt)"))
            } else {
                counts["needs_one_document", default: 0] += 1
            }
        }
    }
}
