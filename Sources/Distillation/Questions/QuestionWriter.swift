// The questions on documents: calls to an expert, replies parsed and filtered, failed calls made again. The store and the
// progress bar are others' business.

import Generation
import Store
import Tokenizers

/// The questions on one document and how they came about.
public struct WrittenQuestions {
    /// Those that were kept, in the order of the calls.
    public var questions: [Question]
    /// Counts by name: calls, kept, failed calls, and lines rejected by reason.
    public var counts: [String: Int]

    /// Questions and counts.
    public init(questions: [Question], counts: [String: Int]) {
        (self.questions, self.counts) = (questions, counts)
    }
}

/// Writes questions with one expert and one set of rules.
public struct QuestionWriter {
    private let settings: QuestionSettings
    private let prompts: Prompts
    private let recipe: ContentKey
    private let runSeed: UInt64

    /// A writer; `recipe` names the rows that these settings make.
    public init(settings: QuestionSettings, prompts: Prompts, recipe: ContentKey, runSeed: UInt64) {
        self.settings = settings
        self.prompts = prompts
        self.recipe = recipe
        self.runSeed = runSeed
    }

    /// The rules under which the expert is asked.
    public var rules: ReplyRules {
        ReplyRules(
            sampling: settings.sampling, maximumTokens: settings.maximumTokens,
            maximumLines: settings.style == .sentence ? SentenceQuestions.replyLines : nil)
    }

    /// One call to the expert.
    private struct Call {
        let key: String
        let messages: [ChatMessage]
        var replyPrefix = ""
        var anchor: Question.Anchor?
    }

    /// A question as the expert wrote it.
    private struct Candidate {
        let text: String
        let expectedAnswer: String?
    }

    /// How many calls a document needs at first.
    public func callCount(on document: Document) -> Int { calls(on: document).count }

    /// All questions on some documents, in their order. `reply` asks the expert: about all of them at a time, so that its
    /// batches are full.
    public func write(
        on documents: [Document], reply: ([Conversation]) throws -> [ExpertReply]
    ) throws -> [WrittenQuestions] {
        var drafts = documents.map { Draft(document: $0, calls: calls(on: $0)) }
        for attempt in 0..<settings.attempts where !drafts.allSatisfy(\.pending.isEmpty) {
            let conversations = drafts.map { draft in
                draft.pending.map { conversation(draft.calls[$0], draft.document, attempt) }
            }
            var replies = try reply(conversations.flatMap { $0 })[...]
            for index in drafts.indices {
                let own = replies.prefix(conversations[index].count)
                replies = replies.dropFirst(own.count)
                read(Array(own), attempt, into: &drafts[index])
            }
        }
        return drafts.map(finished)
    }

    /// The questions on one document while they are written.
    private struct Draft {
        let document: Document
        let calls: [Call]
        var filter: QuestionFilter
        var counts: [String: Int]
        var kept: [(call: Int, attempt: Int, candidates: [Candidate])] = []
        /// Calls that have given no question yet.
        var pending: [Int]

        init(document: Document, calls: [Call]) {
            self.document = document
            self.calls = calls
            filter = QuestionFilter(title: document.title, text: document.text)
            counts = ["calls": calls.count]
            pending = Array(calls.indices)
        }
    }

    /// Takes the questions out of the replies to the pending calls.
    private func read(_ replies: [ExpertReply], _ attempt: Int, into draft: inout Draft) {
        var failed: [Int] = []
        for (call, reply) in zip(draft.pending, replies) {
            let candidates = parse(reply.text, draft.calls[call], &draft.counts)
                .map { standingAlone($0, draft.filter, draft.document) }
                .filter { candidate in
                    guard let rejection = draft.filter.rejection(of: candidate.text) else { return true }
                    draft.counts[rejection.rawValue, default: 0] += 1
                    return false
                }
            if candidates.isEmpty { failed.append(call) } else { draft.kept.append((call, attempt, candidates)) }
        }
        draft.pending = failed
    }

    private func finished(_ draft: Draft) -> WrittenQuestions {
        let found = draft.kept.sorted { $0.call < $1.call }.flatMap { kept in
            kept.candidates.map { (candidate: $0, call: draft.calls[kept.call], attempt: kept.attempt) }
        }
        let rows = found.enumerated().map { position, found in
            Question(
                document: draft.document.id, recipe: recipe, position: position, text: found.candidate.text,
                anchor: found.call.anchor, expectedAnswer: found.candidate.expectedAnswer,
                call: "\(found.call.key).\(found.attempt)")
        }
        let requests = settings.completions ? completions(of: draft.document, after: rows.count) : []
        var counts = draft.counts
        counts["failed_calls"] = draft.pending.count
        counts["kept"] = rows.count + requests.count
        return WrittenQuestions(questions: rows + requests, counts: counts)
    }

    /// Requests to finish the document's sentences, numbered from `position`.
    private func completions(of document: Document, after position: Int) -> [Question] {
        let title = document.subject
        let name = StandingAlone(title: title).name
        var seen: Set<String> = []
        var requests: [Question] = []
        for (index, sentence) in Sentences.split(document.text).enumerated() {
            for completion in Completion.all(of: sentence.text, title: title) {
                let text = completion.request(about: name)
                guard seen.insert(text).inserted else { continue }
                requests.append(
                    Question(
                        document: document.id, recipe: recipe, position: position + requests.count, text: text,
                        origin: .extracted, anchor: Question.Anchor(index: index, text: sentence.text),
                        expectedAnswer: completion.fact))
            }
        }
        return requests
    }

    private func calls(on document: Document) -> [Call] {
        switch settings.style {
        case .passage:
            let count = (settings.perPassage + PassageQuestions.perCall - 1) / PassageQuestions.perCall
            let messages = PassageQuestions.messages(passage: document.passage)
            return (0..<count).map { Call(key: String($0), messages: messages) }
        case .sentence:
            return Sentences.split(document.text).enumerated().flatMap { calls(on: $1.text, index: $0, of: document) }
        }
    }

    private func calls(on sentence: String, index: Int, of document: Document) -> [Call] {
        (0..<settings.callsPerSentence).flatMap { round in
            SentenceQuestions.openers.enumerated().map { number, opener in
                Call(
                    key: "\(index).\(round).\(number)", messages: SentenceQuestions.messages,
                    replyPrefix: SentenceQuestions.replyPrefix(
                        title: document.subject, sentence: sentence, opener: opener),
                    anchor: Question.Anchor(index: index, text: sentence))
            }
        }
    }

    private func parse(_ reply: String, _ call: Call, _ counts: inout [String: Int]) -> [Candidate] {
        switch settings.style {
        case .passage: return PassageQuestions.parse(reply).map { Candidate(text: $0, expectedAnswer: nil) }
        case .sentence:
            guard let (question, answer) = SentenceQuestions.parse(reply) else {
                counts["cut_off", default: 0] += 1
                return []
            }
            let isUsable = SentenceQuestions.isUsable(
                question: question, answer: answer, sentence: call.anchor?.text ?? "")
            return [Candidate(text: question, expectedAnswer: isUsable ? answer : nil)]
        }
    }

    private func standingAlone(_ candidate: Candidate, _ filter: QuestionFilter, _ document: Document) -> Candidate {
        guard settings.style == .sentence, let title = document.title, !filter.namesSomething(candidate.text) else {
            return candidate
        }
        return Candidate(
            text: StandingAlone(title: title).named(candidate.text), expectedAnswer: candidate.expectedAnswer)
    }

    private func conversation(_ call: Call, _ document: Document, _ attempt: Int) -> Conversation {
        let key = ContentKey(
            of: "question call", document.id.description, recipe.description, call.key, String(attempt))
        return Conversation(
            prompts.conversation(call.messages), replyPrefix: call.replyPrefix, seed: key.seed(run: runSeed))
    }
}
