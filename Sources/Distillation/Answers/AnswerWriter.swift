// The answers to the questions on one document, with the teacher's states. Knows one document at a time; the store and the
// progress bar are others' business.

import Generation
import LanguageModels
import Store
import Tokenizers
import Torch

/// An answer with the teacher's states before each of its tokens.
public struct WrittenAnswer {
    /// The row.
    public var answer: Answer
    /// [tokens, d].
    public var teacher_Td: Tensor
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

    /// A writer. The states of `teacher`, the base model, are the targets; `recipe` names the rows that these settings make.
    public init(
        settings: AnswerSettings, prompts: Prompts, teacher: LanguageModel, recipe: ContentKey, runSeed: UInt64,
        batchSize: Int
    ) {
        self.settings = settings
        self.prompts = prompts
        self.teacher = teacher
        self.recipe = recipe
        self.runSeed = runSeed
        self.batchSize = batchSize
    }

    /// The rules under which the expert is asked.
    public var rules: ReplyRules {
        ReplyRules(sampling: settings.sampling, maximumTokens: settings.maximumTokens, keepsHiddenStates: true)
    }

    /// All answers to questions on a document; replies without a token, and unfounded ones where those are dropped, are left
    /// out. `reply` asks the expert.
    public func write(
        on document: Document, questions: [Question], reply: ([Conversation]) throws -> [ExpertReply]
    ) throws -> [WrittenAnswer] {
        let wanted = questions.flatMap { question in
            (0..<settings.samples).map { (question: question, sample: $0) }
        }
        let conversations = wanted.map { question, sample in
            let id = Answer.id(question: question.id, recipe: recipe, sample: sample)
            return Conversation(
                messages(for: question, of: document),
                seed: id.seed(run: runSeed))
        }
        let replies = try reply(conversations)
        var written: [WrittenAnswer] = []
        var withoutStates: [(row: ForcedRow, answer: Answer)] = []
        for ((wanted, conversation), reply) in zip(zip(wanted, conversations), replies) {
            let tokens = tokens(of: reply)
            guard !tokens.isEmpty, !isRefused(reply, wanted.question, document) else { continue }
            let answer = Answer(
                question: wanted.question.id, recipe: recipe, sample: wanted.sample, tokens: tokens.map(Int32.init),
                text: reply.text, isFinished: reply.isFinished, seed: conversation.seed)
            if let states = reply.hiddenStates {
                written.append(WrittenAnswer(answer: answer, teacher_Td: states))
            } else {
                let prompt = try teacher.promptTokens(conversation.messages)
                withoutStates.append((ForcedRow(prompt: prompt, continuation: tokens), answer))
            }
        }
        return try written + statesInOnePass(withoutStates)
    }

    private func messages(for question: Question, of document: Document) -> [ChatMessage] {
        guard settings.context == .sentence, let anchor = question.anchor else {
            return prompts.openBook(document.passage, question: question.text)
        }
        return prompts.conversation(
            WorkedAnswers.messages(
                title: title(of: document), sentence: anchor.text, question: question.text))
    }

    private func isRefused(_ reply: ExpertReply, _ question: Question, _ document: Document) -> Bool {
        settings.dropsUnfounded
            && !AnswerCheck.canBeRight(
                reply.text, to: question.text, title: title(of: document),
                text: settings.context == .sentence ? question.anchor?.text ?? document.text : document.text,
                expected: question.expectedAnswer)
    }

    private func title(of document: Document) -> String { document.title ?? document.name }

    /// An endpoint gives words: they become tokens of the teacher's, with the end of the turn if the reply ended.
    private func tokens(of reply: ExpertReply) -> [Int] {
        if let tokens = reply.tokens { return tokens }
        let words = teacher.tokenizer.encode(reply.text)
        return reply.isFinished && !words.isEmpty ? words + [teacher.endOfTurn] : words
    }

    /// Targets for answers that the teacher did not write itself.
    private func statesInOnePass(_ rows: [(row: ForcedRow, answer: Answer)]) throws -> [WrittenAnswer] {
        var written: [WrittenAnswer] = []
        for start in stride(from: 0, to: rows.count, by: batchSize) {
            let part = rows[start..<min(start + batchSize, rows.count)]
            let states = try teacher.decoder.statesBefore(part.map(\.row))
            written += zip(part, states).map { WrittenAnswer(answer: $0.answer, teacher_Td: $1) }
        }
        return written
    }
}
