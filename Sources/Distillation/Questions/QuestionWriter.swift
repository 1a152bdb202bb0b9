// The questions on one document: calls to an expert, replies parsed and filtered, failed calls made again. Knows one
// document at a time; the store and the progress bar are others' business.

import Generation
import Store
import Tokenizers

/// The questions on one document and how they came about.
public struct WrittenQuestions {
    /// Those that were kept, in the order of the calls.
    public var questions: [Question]
    /// Counts by name: calls, kept, failed calls, and lines rejected by reason.
    public var counts: [String: Int]
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

    /// All questions on a document; `reply` asks the expert.
    public func write(
        on document: Document, reply: ([Conversation]) throws -> [ExpertReply]
    ) throws -> WrittenQuestions {
        let calls = calls(on: document)
        var filter = QuestionFilter(title: document.title, text: document.text)
        var counts = ["calls": calls.count]
        var kept: [(call: Int, attempt: Int, candidates: [Candidate])] = []
        var pending = Array(calls.indices)
        for attempt in 0..<settings.attempts where !pending.isEmpty {
            let replies = try reply(pending.map { conversation(calls[$0], document, attempt) })
            var failed: [Int] = []
            for (call, reply) in zip(pending, replies) {
                let parsed = parse(reply.text, calls[call], &counts).map { standingAlone($0, filter, document) }
                let candidates = parsed.filter { candidate in
                    guard let rejection = filter.rejection(of: candidate.text) else { return true }
                    counts[rejection.rawValue, default: 0] += 1
                    return false
                }
                if candidates.isEmpty { failed.append(call) } else { kept.append((call, attempt, candidates)) }
            }
            pending = failed
        }
        counts["failed_calls"] = pending.count
        let questions = kept.sorted { $0.call < $1.call }.flatMap { found in
            found.candidates.map { (candidate: $0, call: calls[found.call], attempt: found.attempt) }
        }
        counts["kept"] = questions.count
        return WrittenQuestions(
            questions: questions.enumerated().map { position, found in
                Question(
                    document: document.id, recipe: recipe, position: position, text: found.candidate.text,
                    anchor: found.call.anchor, expectedAnswer: found.candidate.expectedAnswer,
                    call: "\(found.call.key).\(found.attempt)")
            }, counts: counts)
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
                        title: document.title ?? document.name, sentence: sentence, opener: opener),
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
