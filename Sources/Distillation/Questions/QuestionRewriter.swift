// Puts questions to an expert to be rewritten, and again where what came back will not do. Knows documents and questions, not
// the store.

import Basics
import Generation
import Lineage
import Store

/// Rewrites questions so that they stand alone.
public struct QuestionRewriter {
    /// A question that is to stand alone.
    public struct Request {
        let document: Document
        let question: String
        let answers: [String]
        /// Its randomness follows from it.
        public let key: ContentKey

        /// A question on a document.
        /// - Parameter answers: what is known of its answer.
        public init(_ question: String, on document: Document, answers: [String], key: ContentKey) {
            (self.question, self.document, self.answers, self.key) = (question, document, answers, key)
        }
    }

    private static let maximumTokens = 96
    private let prompts: Prompts
    private let language: String?
    private let attempts: Int
    private let runSeed: UInt64

    /// A rewriter that asks so often before it gives a question up.
    /// - Parameter language: of the questions, if that is not the documents'.
    public init(prompts: Prompts, language: String? = nil, attempts: Int, runSeed: UInt64) {
        (self.prompts, self.language, self.attempts, self.runSeed) = (prompts, language, attempts, runSeed)
    }

    /// The rewritten questions in the order of the requests; nil where none stands alone and asks for the same.
    public func rewritten(_ requests: [Request], reply: AskExpert) throws -> [String?] {
        var done = [String?](repeating: nil, count: requests.count)
        var pending = Array(requests.indices)
        for attempt in 0..<attempts where !pending.isEmpty {
            let replies = try reply(pending.map { conversation(requests[$0], attempt) }, rules(attempt))
            for (index, reply) in zip(pending, replies) { done[index] = usable(reply.text, requests[index]) }
            let refused = Set(zip(pending, replies).filter { $1.fault?.isFinal == true }.map(\.0))
            pending = pending.filter { done[$0] == nil && !refused.contains($0) }
        }
        return done
    }

    /// T 0.1 as in METHOD; warmer at every further attempt, which would give the same words again.
    private func rules(_ attempt: Int) -> ReplyRules {
        ReplyRules(
            sampling: SamplingSettings(temperature: 0.1 + 0.3 * Double(attempt)),
            maximumTokens: QuestionRewriter.maximumTokens)
    }

    private func conversation(_ request: Request, _ attempt: Int) -> Conversation {
        let key = ContentKey(of: "rewriting", request.key.description, String(attempt))
        var wanted = QuestionLanguage(language, for: request.document.text)
        // A held-out question need not be in its document's.
        if language == nil, wanted != .english { wanted = .that(of: "question") }
        let messages = QuestionRewriting.messages(
            passage: request.document.passage, question: request.question, answers: request.answers, in: wanted)
        return Conversation(
            prompts.conversation(messages), seed: key.seed(run: runSeed),
            subject: "The question \"\(request.question)\" on \(request.document.name)")
    }

    private func usable(_ reply: String, _ request: Request) -> String? {
        guard let question = QuestionRewriting.parse(reply) else { return nil }
        let filter = QuestionFilter(title: request.document.title, text: request.document.text)
        let asksTheSame = QuestionRewriting.asksTheSame(
            question, as: request.question, answers: request.answers, text: request.document.passage)
        return filter.fault(of: question) == nil && asksTheSame ? question : nil
    }
}

extension QuestionWriter {
    /// Has the questions rewritten that cannot be understood without their text, and keeps those that then can.
    func rewrite(_ drafts: inout [QuestionDraft], _ reply: AskExpert) throws {
        let waiting = drafts.indices.flatMap { index in
            drafts[index].takeContextBound().map { (draft: index, question: $0) }
        }
        guard !waiting.isEmpty else { return }
        let requests = waiting.map { index, question in
            let document = drafts[index].document
            return QuestionRewriter.Request(
                question.candidate.text, on: document, answers: question.candidate.expectedAnswer.map { [$0] } ?? [],
                key: ContentKey(
                    of: "context-bound question", document.id.description, recipe.description, question.candidate.text))
        }
        let rewriter = QuestionRewriter(
            prompts: prompts, language: settings.language, attempts: settings.attempts, runSeed: runSeed)
        for ((index, question), text) in zip(waiting, try rewriter.rewritten(requests, reply: reply)) {
            drafts[index].finish(question, as: text)
        }
    }
}

extension QuestionDraft {
    /// A question that is to be rewritten, and where it came from.
    typealias ContextBound = (candidate: QuestionCandidate, call: Int, attempt: Int)

    /// The questions that wait to be rewritten, each once.
    fileprivate mutating func takeContextBound() -> [ContextBound] {
        defer { contextBound = [] }
        var taken: [ContextBound] = []
        for found in contextBound {
            for candidate in found.candidates
            where seenContextBound.insert(QuestionFilter.normalised(candidate.text)).inserted {
                taken.append((candidate, found.call, found.attempt))
            }
        }
        return taken
    }

    /// Keeps a rewritten question, or counts why not.
    fileprivate mutating func finish(_ question: ContextBound, as rewritten: String?) {
        guard let rewritten else { return counts["not_rewritten", default: 0] += 1 }
        if let fault = filter.rejection(of: rewritten) { return counts[fault.rawValue, default: 0] += 1 }
        counts["rewritten", default: 0] += 1
        let candidate = QuestionCandidate(text: rewritten, expectedAnswer: question.candidate.expectedAnswer)
        kept.append(CallQuestions(call: question.call, attempt: question.attempt, candidates: [candidate]))
    }
}
