// Grades replies by asking a language model, again where its grade cannot be read. Knows neither the store nor which model
// it is.

import Basics
import Distillation
import Generation
import Lineage
import Statistics
import Store

/// A held-out question and a reply to it.
public struct GradedReply: Sendable {
    /// The question, with its gold answers.
    public let question: HeldOutQuestion
    /// What a model said to it.
    public let reply: Reply

    /// A reply to be graded; refused where there is no gold answer to hold it against.
    public init(question: HeldOutQuestion, reply: Reply) throws(GradingError) {
        guard question.golds.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else {
            throw .noGolds(question: question.question, source: question.source)
        }
        (self.question, self.reply) = (question, reply)
    }
}

/// One judge with one set of rules.
public struct Judge {
    /// Counts up when the wording of the prompt changes.
    public static let promptVersion = JudgePrompt.version

    private let name: String
    private let settings: JudgeSettings
    private let prompts: Prompts
    private let recipe: ContentKey
    private let runSeed: UInt64

    /// A judge; `recipe` names the grades that it gives, `name` is what tables call it.
    public init(name: String, settings: JudgeSettings, prompts: Prompts, recipe: ContentKey, runSeed: UInt64) {
        (self.name, self.settings, self.prompts) = (name, settings, prompts)
        (self.recipe, self.runSeed) = (recipe, runSeed)
    }

    /// Grades replies, in their order. One whose judgement cannot be read at any attempt is `unparsed`, with the last judgement
    /// as its reasoning.
    /// - Parameters:
    ///   - fits: whether the judge can read a conversation and still has room for its judgement; what does not fit is
    ///     `unparsed` at once.
    ///   - ask: asks the judge under rules, which change from attempt to attempt.
    public func grade(
        _ replies: [GradedReply], fits: (Conversation) throws -> Bool = { _ in true },
        ask: ([Conversation], ReplyRules) throws -> [ExpertReply]
    ) throws -> [Grade] {
        var grades = Array<Grade?>(repeating: nil, count: replies.count)
        var pending = Array(replies.indices)
        for attempt in 0..<settings.attempts where !pending.isEmpty {
            var asked: [(index: Int, conversation: Conversation)] = []
            for index in pending {
                let conversation = conversation(on: replies[index], attempt)
                if try fits(conversation) {
                    asked.append((index, conversation))
                } else {
                    grades[index] = grades[index] ?? grade(replies[index], nil, Self.tooLong)
                }
            }
            let said = asked.isEmpty ? [] : try ask(asked.map(\.conversation), settings.rules(attempt: attempt))
            pending = []
            for ((index, _), reply) in zip(asked, said) {
                if let fault = reply.fault, fault.isFinal {
                    grades[index] = grade(replies[index], nil, fault.isRefusal ? Self.refused : Self.tooLong)
                    continue
                }
                let judgement = Judgement(reply.text)
                grades[index] = grade(replies[index], judgement.isCorrect, judgement.reasoning)
                if judgement.isCorrect == nil { pending.append(index) }
            }
        }
        return grades.compactMap { $0 }
    }

    /// The reasoning of a grade that the judge was not asked for.
    public static let tooLong = "Not asked: question, gold answers and reply do not fit the judge's context."

    /// The reasoning of a grade that the judge would not give.
    static let refused = "Not graded: the endpoint refuses the question, the gold answers or the reply."

    private func grade(_ reply: GradedReply, _ isCorrect: Bool?, _ reasoning: String) -> Grade {
        let verdict: Verdict = isCorrect.map { $0 ? .correct : .incorrect } ?? .unparsed
        return Grade(
            reply: reply.reply.id, recipe: recipe, grader: name, verdict: verdict,
            reasoning: reasoning.isEmpty ? nil : reasoning)
    }

    private func conversation(on reply: GradedReply, _ attempt: Int) -> Conversation {
        let item = JudgePrompt.Item(
            question: reply.question.question, golds: reply.question.golds, answer: reply.reply.text)
        let key = ContentKey(of: "judgement", reply.reply.id.description, recipe.description, String(attempt))
        // A model on this machine is helped into the form; an endpoint is not told of the prefix.
        return Conversation(
            prompts.conversation(JudgePrompt.messages(for: item, isReminded: attempt > 0)),
            replyPrefix: "<\(Judgement.reasoningTag)>", seed: key.seed(run: runSeed),
            subject: "The reply to \"\(item.question)\"")
    }
}

extension JudgeSettings {
    /// The rules of an attempt, counted from 0.
    func rules(attempt: Int) -> ReplyRules {
        var sampling = sampling
        sampling.temperature += Double(attempt) * temperatureStep
        return ReplyRules(
            sampling: sampling, maximumTokens: maximumTokens, askedTags: [Judgement.reasoningTag])
    }
}
