// The questions on one document while they are written: calls to the expert, and what came of them. Knows text, not models.

import Generation
import Store
import Tokenizers

/// One call to the expert.
struct QuestionCall {
    let key: String
    let messages: [ChatMessage]
    var replyPrefix = ""
    var template: String?
    /// The sentence that is asked about.
    var anchor: Question.Anchor?
    /// Whether the expert saw the whole document, and may have asked about another sentence than the anchor.
    var seesDocument = false
}

/// A question as the expert wrote it.
struct QuestionCandidate {
    let text: String
    let expectedAnswer: String?
}

/// A call's questions, or some of them.
struct CallQuestions {
    let call: Int
    /// Which attempt at the call, from 0.
    let attempt: Int
    let candidates: [QuestionCandidate]
}

/// The questions on one document while they are written.
struct QuestionDraft {
    let document: Document
    private(set) var calls: [QuestionCall]
    var filter: QuestionFilter
    var counts: [String: Int] = [:]
    var kept: [CallQuestions] = []
    /// Questions that are to be rewritten, each once.
    var contextBound: [CallQuestions] = []
    var seenContextBound: Set<String> = []
    /// Calls that have given no question yet.
    var pending: [Int]

    init(document: Document, calls: [QuestionCall], keepsPointers: Bool) {
        self.document = document
        self.calls = calls
        filter = QuestionFilter(title: document.title, text: document.text, keepsPointers: keepsPointers)
        pending = Array(calls.indices)
        counts["calls"] = calls.count
    }

    /// Adds calls, which are then all that is pending.
    mutating func add(_ further: [QuestionCall]) {
        pending = Array(calls.count..<(calls.count + further.count))
        calls += further
    }

    /// Whether a call will have no reply however often it is made, which is counted.
    mutating func isRefused(_ reply: ExpertReply) -> Bool {
        switch reply.fault {
        case .refused: counts[WrittenQuestions.refusedCalls, default: 0] += 1
        case .tooLong: counts[WrittenQuestions.tooLongCalls, default: 0] += 1
        case .endsInThought, .empty, nil: return false
        }
        return true
    }

    /// Whether further calls would be refused as others were.
    var isRefused: Bool {
        [WrittenQuestions.refusedCalls, WrittenQuestions.tooLongCalls].contains { (counts[$0] ?? 0) > 0 }
    }

    /// What the questions so far reach.
    var coverage: DocumentCoverage {
        var coverage = DocumentCoverage(document)
        for found in kept {
            for candidate in found.candidates {
                coverage.add(
                    question: candidate.text, expectedAnswer: candidate.expectedAnswer,
                    anchor: anchor(of: candidate, calls[found.call]))
            }
        }
        return coverage
    }

    /// The sentence that a question is about, where its call is about one. Of an expert that saw the whole document this is
    /// believed only where the question or its answer has a word of the sentence.
    func anchor(of candidate: QuestionCandidate, _ call: QuestionCall) -> Question.Anchor? {
        guard let anchor = call.anchor, call.seesDocument else { return call.anchor }
        let touches = DocumentCoverage(document).touches(
            anchor.index, question: candidate.text, expectedAnswer: candidate.expectedAnswer)
        return touches ? anchor : nil
    }

    /// The questions in the order of the calls, each with its call.
    var found: [(candidate: QuestionCandidate, call: QuestionCall, attempt: Int)] {
        kept.enumerated().sorted { ($0.element.call, $0.offset) < ($1.element.call, $1.offset) }
            .flatMap { _, found in found.candidates.map { ($0, calls[found.call], found.attempt) } }
    }
}
