// The questions on documents: calls to an expert, replies parsed and filtered, failed calls made again. The store and the
// progress bar are not known here.

import Basics
import Generation
import Lineage
import Store
import Tokenizers

/// Asks an expert and returns its replies in the order of the conversations.
public typealias AskExpert = (_ conversations: [Conversation], _ rules: ReplyRules) throws -> [ExpertReply]

/// The questions on one document and how they came about.
public struct WrittenQuestions {
    /// Those that were kept, in the order of the calls.
    public var questions: [Question]
    /// Counts by name: calls, kept, failed calls, and lines rejected by reason.
    public var counts: [String: Int]

    /// Counts calls that an endpoint refused to answer.
    public static let refusedCalls = "refused_calls"
    /// Counts calls that an endpoint's model has no room for.
    static let tooLongCalls = "too_long_calls"

    /// Whether the document is longer than the expert reads.
    public var isTooLong: Bool {
        questions.isEmpty && counts[Self.tooLongCalls] != nil && counts[Self.tooLongCalls] == counts["calls"]
    }

    public init(questions: [Question], counts: [String: Int]) {
        (self.questions, self.counts) = (questions, counts)
    }
}

/// Writes questions with one expert and one set of rules.
public struct QuestionWriter {
    let settings: QuestionSettings
    let prompts: Prompts
    let recipe: ContentKey
    let runSeed: UInt64

    /// A writer; `recipe` names the rows that these settings make.
    public init(settings: QuestionSettings, prompts: Prompts, recipe: ContentKey, runSeed: UInt64) {
        self.settings = settings
        self.prompts = prompts
        self.recipe = recipe
        self.runSeed = runSeed
    }

    /// The rules under which the expert is asked for questions.
    var rules: ReplyRules {
        ReplyRules(
            sampling: settings.sampling, maximumTokens: settings.maximumTokens,
            maximumLines: settings.style == .sentence ? SentenceQuestions.replyLines : nil)
    }

    /// How many calls a document needs at first.
    public func callCount(on document: Document) -> Int { calls(on: document).count }

    /// What a request shows beside a passage, or beside a sentence, which is empty here.
    public var requestWithoutText: Conversation? {
        let nothing = Document(name: "", title: nil, text: "", source: "")
        let calls =
            settings.style == .sentence
            ? calls(on: "", index: 0, of: nothing, in: language(of: nothing)) : calls(on: nothing)
        return calls.first.map { conversation($0, nothing, 0) }
    }

    /// All questions on some documents, in their order. `reply` asks the expert: about all of them at a time, so that its
    /// batches are full.
    public func write(on documents: [Document], reply: AskExpert) throws -> [WrittenQuestions] {
        var drafts = documents.map {
            QuestionDraft(document: $0, calls: calls(on: $0), keepsPointers: settings.keepsPointers)
        }
        for attempt in 0..<settings.attempts { try ask(&drafts, attempt, reply) }
        for index in drafts.indices { drafts[index].counts["failed_calls"] = drafts[index].pending.count }
        try rewrite(&drafts, reply)
        if let target = settings.coverageTarget { try closeGaps(&drafts, upTo: target, reply) }
        return drafts.map(finished)
    }

    /// Makes the calls that have given no question yet.
    func ask(_ drafts: inout [QuestionDraft], _ attempt: Int, _ reply: AskExpert) throws {
        let conversations = drafts.map { draft in
            draft.pending.map { conversation(draft.calls[$0], draft.document, attempt) }
        }
        guard !conversations.allSatisfy(\.isEmpty) else { return }
        var replies = try reply(conversations.flatMap { $0 }, rules)[...]
        for index in drafts.indices {
            let own = replies.prefix(conversations[index].count)
            replies = replies.dropFirst(own.count)
            read(Array(own), attempt, into: &drafts[index])
        }
    }

    /// Takes the questions out of the replies to the pending calls.
    private func read(_ replies: [ExpertReply], _ attempt: Int, into draft: inout QuestionDraft) {
        var failed: [Int] = []
        for (call, reply) in zip(draft.pending, replies) {
            if draft.isRefused(reply) { continue }
            var (good, contextBound): ([QuestionCandidate], [QuestionCandidate]) = ([], [])
            for parsed in parse(reply, draft.calls[call], draft.document, &draft.counts) {
                let candidate = standingAlone(parsed, draft.filter, draft.document)
                switch draft.filter.rejection(of: candidate.text) {
                case nil: good.append(candidate)
                case let fault? where settings.rewrites && fault.isOfContext: contextBound.append(candidate)
                case let fault?: draft.counts[fault.rawValue, default: 0] += 1
                }
            }
            if !good.isEmpty { draft.kept.append(CallQuestions(call: call, attempt: attempt, candidates: good)) }
            if !contextBound.isEmpty {
                draft.contextBound.append(CallQuestions(call: call, attempt: attempt, candidates: contextBound))
            }
            if good.isEmpty, contextBound.isEmpty { failed.append(call) }
        }
        draft.pending = failed
    }

    private func finished(_ draft: QuestionDraft) -> WrittenQuestions {
        let rows = draft.found.enumerated().map { position, found in
            Question(
                document: draft.document.id, recipe: recipe, position: position, text: found.candidate.text,
                anchor: draft.anchor(of: found.candidate, found.call), expectedAnswer: found.candidate.expectedAnswer,
                call: "\(found.call.key).\(found.attempt)")
        }
        let requests = settings.completions ? completions(of: draft.document, after: rows.count) : []
        var counts = draft.counts
        counts["kept"] = rows.count + requests.count
        return WrittenQuestions(questions: rows + requests, counts: counts)
    }

    /// Requests to finish the document's sentences, numbered from `position`.
    private func completions(of document: Document, after position: Int) -> [Question] {
        let title = document.subject
        let name = StandingAlone(title: title).name
        var seen: Set<String> = []
        var requests: [Question] = []
        for (index, sentence) in document.sentences.enumerated() {
            for completion in Completion.all(of: sentence, title: title) {
                let text = completion.request(about: name)
                guard seen.insert(text).inserted else { continue }
                requests.append(
                    Question(
                        document: document.id, recipe: recipe, position: position + requests.count, text: text,
                        origin: .extracted, anchor: Question.Anchor(index: index, text: sentence),
                        expectedAnswer: completion.fact))
            }
        }
        return requests
    }

    private func calls(on document: Document) -> [QuestionCall] {
        switch settings.style {
        case .passage:
            let count = (settings.perPassage + PassageQuestions.perCall - 1) / PassageQuestions.perCall
            let messages = PassageQuestions.messages(passage: document.passage, in: language(of: document))
            return (0..<count).map { QuestionCall(key: String($0), messages: messages) }
        case .bonito:
            let messages = BonitoQuestions.messages(context: document.passage)
            return (0..<settings.perPassage).map {
                QuestionCall(key: String($0), messages: messages, template: BonitoQuestions.template)
            }
        case .sentence:
            let language = language(of: document)
            return document.sentences.enumerated().flatMap { calls(on: $1, index: $0, of: document, in: language) }
        }
    }

    private func calls(
        on sentence: String, index: Int, of document: Document, in language: QuestionLanguage
    ) -> [QuestionCall] {
        (0..<settings.callsPerSentence).flatMap { round in
            SentenceQuestions.openers.indices.map { opener in
                sentenceCall(
                    "\(index).\(round).\(opener)", Question.Anchor(index: index, text: sentence), opener: opener,
                    of: document, in: language)
            }
        }
    }

    /// A call about one sentence with one of the openers.
    func sentenceCall(
        _ key: String, _ anchor: Question.Anchor, opener: Int, of document: Document, in language: QuestionLanguage
    ) -> QuestionCall {
        QuestionCall(
            key: key, messages: SentenceQuestions.messages(in: language),
            replyPrefix: SentenceQuestions.replyPrefix(
                title: document.subject, sentence: anchor.text,
                opener: SentenceQuestions.openers[opener % SentenceQuestions.openers.count], in: language),
            anchor: anchor)
    }

    /// What questions on a document are asked in.
    func language(of document: Document) -> QuestionLanguage { QuestionLanguage(settings.language, for: document.text) }

    private func parse(
        _ reply: ExpertReply, _ call: QuestionCall, _ document: Document, _ counts: inout [String: Int]
    ) -> [QuestionCandidate] {
        // What was asked before the loop is as good as any.
        if reply.repeatsItself { counts[QuestionRejection.repeatsItself.rawValue, default: 0] += 1 }
        let pair: (question: String, answer: String)?
        switch settings.style {
        case .passage:
            return PassageQuestions.parse(reply.text).map { QuestionCandidate(text: $0, expectedAnswer: nil) }
        case .sentence: pair = SentenceQuestions.parse(reply.text)
        case .bonito: pair = BonitoQuestions.parse(reply.text)
        }
        guard let (question, answer) = pair else {
            if !reply.repeatsItself { counts["cut_off", default: 0] += 1 }
            return []
        }
        let source = call.anchor?.text ?? document.text
        let isUsable = SentenceQuestions.isUsable(question: question, answer: answer, sentence: source)
        return [QuestionCandidate(text: question, expectedAnswer: isUsable ? answer : nil)]
    }

    private func standingAlone(
        _ candidate: QuestionCandidate, _ filter: QuestionFilter, _ document: Document
    ) -> QuestionCandidate {
        guard settings.style == .sentence, let title = document.title, !filter.namesSomething(candidate.text) else {
            return candidate
        }
        return QuestionCandidate(
            text: StandingAlone(title: title).named(candidate.text), expectedAnswer: candidate.expectedAnswer)
    }

    private func conversation(_ call: QuestionCall, _ document: Document, _ attempt: Int) -> Conversation {
        let key = ContentKey(
            of: "question call", document.id.description, recipe.description, call.key, String(attempt))
        let messages = call.template == nil ? prompts.conversation(call.messages) : call.messages
        return Conversation(
            messages, replyPrefix: call.replyPrefix, template: call.template, seed: key.seed(run: runSeed),
            subject: document.name)
    }
}
