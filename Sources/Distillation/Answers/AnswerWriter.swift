// The answers to the questions on documents, with the teacher's states. The store and the progress bar are others'
// business.

import Algorithms
import Basics
import Generation
import LanguageModels
import Lineage
import Store
import Tokenizers
import Torch

/// An answer with the teacher's states before each of its tokens.
public struct WrittenAnswer {
    public var answer: Answer
    /// [tokens, d].
    public var teacher_Td: Tensor

    /// An answer and its states.
    public init(answer: Answer, teacher_Td: Tensor) {
        (self.answer, self.teacher_Td) = (answer, teacher_Td)
    }
}

/// The answers to the questions on one document, and how many replies were none.
public struct WrittenAnswers {
    public var answers: [WrittenAnswer] = []
    /// Replies that said one thing over and over until their limit: what is learned from them is to go on for ever.
    public var repeating = 0

    public init(_ answers: [WrittenAnswer] = []) { self.answers = answers }
}

/// Writes answers with one expert and one teacher.
public struct AnswerWriter {
    private let settings: AnswerSettings
    private let prompts: Prompts
    private let teacher: LanguageModel
    private let recipe: ContentKey
    private let runSeed: UInt64
    /// Answers whose states the teacher makes in one pass.
    private let batchSize: Int
    /// Whether the expert's states are the targets.
    private let isExpert: Bool
    /// Finds the second document of a question that needs two.
    private let secondDocument: (ContentKey) throws -> Document?

    /// A writer. The states of `teacher` are the targets: those that it has while it writes where it is the expert, else
    /// those of a reading of what the expert wrote. `recipe` names the rows that these settings make.
    public init(
        settings: AnswerSettings, prompts: Prompts, teacher: LanguageModel, isExpert: Bool = true, recipe: ContentKey,
        runSeed: UInt64, batchSize: Int, secondDocument: @escaping (ContentKey) throws -> Document? = { _ in nil }
    ) {
        self.settings = settings
        self.prompts = prompts
        self.teacher = teacher
        self.isExpert = isExpert
        self.recipe = recipe
        self.runSeed = runSeed
        self.batchSize = batchSize
        self.secondDocument = secondDocument
    }

    /// The rules under which the expert is asked.
    public var rules: ReplyRules {
        ReplyRules(sampling: settings.sampling, maximumTokens: settings.maximumTokens, keepsHiddenStates: isExpert)
    }

    /// All answers to questions on some documents, in their order; replies without a token, those that repeat themselves, and
    /// unfounded ones where those are dropped, are left out. `reply` asks the expert: about all documents at a time, so that its batches are full.
    public func write(
        on documents: [(document: Document, questions: [Question])],
        reply: ([Conversation]) throws -> [ExpertReply]
    ) throws -> [WrittenAnswers] {
        let wanted = try documents.enumerated().flatMap { place, documented in
            try documented.questions.flatMap { question in
                let second = try question.secondDocument.flatMap(secondDocument)
                return (0..<settings.samples).map { Wanted(place, documented.document, second, question, sample: $0) }
            }
        }
        // Prompts of one kind begin alike, and a batch reads once what all of its prompts begin with.
        let kinds = [true, false].map { isCompletion in
            wanted.filter { ($0.question.origin == .extracted) == isCompletion }
        }
        var written = documents.map { _ in WrittenAnswers() }
        for kind in kinds where !kind.isEmpty { try answer(kind, into: &written, reply: reply) }
        return written
    }

    /// One answer that is to be written.
    private struct Wanted {
        /// The document's place in the list of documents.
        let place: Int
        let document: Document
        /// Another one that the answer needs too.
        let second: Document?
        let question: Question
        let sample: Int

        init(_ place: Int, _ document: Document, _ second: Document?, _ question: Question, sample: Int) {
            (self.place, self.document, self.second) = (place, document, second)
            (self.question, self.sample) = (question, sample)
        }
    }

    private func answer(
        _ wanted: [Wanted], into written: inout [WrittenAnswers], reply: ([Conversation]) throws -> [ExpertReply]
    ) throws {
        let conversations = wanted.map { wanted in
            let id = Answer.id(question: wanted.question.id, recipe: recipe, sample: wanted.sample)
            return Conversation(
                prompts.teacher(wanted.question, on: wanted.document, and: wanted.second, settings),
                seed: id.seed(run: runSeed),
                subject: "The question \"\(wanted.question.text)\" on \(wanted.document.name)")
        }
        let replies = try reply(conversations)
        var withoutStates: [(place: Int, row: ForcedRow, answer: Answer)] = []
        for ((wanted, conversation), reply) in zip(zip(wanted, conversations), replies) {
            guard !reply.repeatsItself else {
                written[wanted.place].repeating += 1
                continue
            }
            let tokens = tokens(of: reply)
            guard !tokens.isEmpty, !isRefused(reply, wanted) else { continue }
            let answer = Answer(
                question: wanted.question.id, recipe: recipe, sample: wanted.sample, tokens: tokens.map(Int32.init),
                text: reply.text, isFinished: reply.isFinished, seed: conversation.seed)
            if let states = reply.hiddenStates {
                written[wanted.place].answers.append(WrittenAnswer(answer: answer, teacher_Td: states))
            } else {
                let prompt = try teacher.promptTokens(conversation.messages)
                withoutStates.append((wanted.place, ForcedRow(prompt: prompt, continuation: tokens), answer))
            }
        }
        for (place, answer) in try statesInOnePass(withoutStates) { written[place].answers.append(answer) }
    }

    private func isRefused(_ reply: ExpertReply, _ wanted: Wanted) -> Bool {
        let text = wanted.document.text + (wanted.second.map { "\n\n\($0.passage)" } ?? "")
        return settings.dropsUnfounded
            && !AnswerCheck.canBeRight(
                reply.text, to: wanted.question.text, title: wanted.document.subject,
                text: settings.context == .sentence ? wanted.question.anchor?.text ?? text : text,
                expected: wanted.question.expectedAnswer)
    }

    /// An endpoint gives words, and so does a model with tokens of its own: they become tokens of the teacher's, with the end
    /// of the turn if the reply ended.
    private func tokens(of reply: ExpertReply) -> [Int] {
        if let tokens = reply.tokens { return tokens }
        let words = teacher.tokenizer.encode(reply.text)
        return reply.isFinished && !words.isEmpty ? words + [teacher.endOfTurn] : words
    }

    /// Targets for answers that the teacher did not write itself.
    private func statesInOnePass(
        _ rows: [(place: Int, row: ForcedRow, answer: Answer)]
    ) throws -> [(place: Int, answer: WrittenAnswer)] {
        var written: [(place: Int, answer: WrittenAnswer)] = []
        for part in rows.chunks(ofCount: batchSize) {
            let states = try teacher.decoder.statesBefore(part.map(\.row))
            written += zip(part, states).map { ($0.place, WrittenAnswer(answer: $0.answer, teacher_Td: $1)) }
        }
        return written
    }
}

extension Prompts {
    /// What the teacher is asked, for one of its answers to a question on a document, or on two.
    func teacher(
        _ question: Question, on document: Document, and second: Document?, _ settings: AnswerSettings
    ) -> [ChatMessage] {
        let passage = second.map { PairQuestions.both(document, $0) } ?? document.passage
        if settings.stepByStep == true { return openBookStepByStep(passage, question: question.text) }
        guard settings.context == .sentence, let anchor = question.anchor else {
            return openBook(passage, question: question.text)
        }
        return conversation(
            WorkedAnswers.messages(title: document.subject, sentence: anchor.text, question: question))
    }
}
