// The expert of a run: the base model, another model here, or the endpoint that the configuration names.

import Basics
import Distillation
import Foundation
import Generation
import Jinja
import LanguageModels
import Lineage
import Store
import Synchronization
import Tokenizers

/// Whoever writes a run's questions and answers.
enum PipelineExpert {
    case local(LocalExpert)
    case remote(RemoteExpert, KeptReplies, EndpointTroubles)

    /// Replies in the order of the conversations.
    /// - Parameters:
    ///   - recipe: whose rows the replies are for.
    ///   - checkIn: called several times a second while the expert works; what it throws ends the work.
    func replies(
        _ conversations: [Conversation], _ rules: ReplyRules, for recipe: ContentKey, checkIn: () throws -> Void
    ) throws -> [ExpertReply] {
        switch self {
        case .local(let expert):
            return try expert.replies(to: conversations, rules: rules) { _ in try checkIn() }
        case .remote(let expert, let kept, _):
            try checkIn()
            let requests = try conversations.map { try ChatRequest($0, rules: rules) }
            let missing = try requests.filter { try kept.reply(to: $0) == nil }
            if !missing.isEmpty {
                _ = try waiting(checkIn) {
                    try await expert.replies(to: missing) { index, reply in
                        try kept.keep(reply, to: missing[index], for: recipe)
                    }
                }
            }
            return try requests.compactMap(kept.reply)
        }
    }
}

/// Replies of one endpoint that a run has already paid for.
struct KeptReplies: Sendable {
    let store: RunStore
    let endpoint: EndpointSettings

    func reply(to request: ChatRequest) throws -> ExpertReply? {
        try store.endpointReply(to: key(request)).map { ExpertReply(text: $0.text, isFinished: $0.isFinished) }
    }

    func keep(_ reply: ChatReply, to request: ChatRequest, for recipe: ContentKey?) throws {
        let spending = EndpointSpending(
            promptTokens: reply.promptTokens, completionTokens: reply.completionTokens,
            cost: reply.promptTokens.flatMap { read in
                reply.completionTokens.flatMap { endpoint.cost(read: read, written: $0) }
            })
        try store.keep(
            EndpointReply(
                request: key(request), text: reply.text, isFinished: reply.isFinished, spending: spending),
            for: recipe)
    }

    private func key(_ request: ChatRequest) throws -> ContentKey {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return ContentKey(
            of: "endpoint reply", endpoint.identity, String(decoding: try encoder.encode(request), as: UTF8.self))
    }
}

/// What an endpoint's client has to say while it tries again, kept until the run's own thread asks for it.
final class EndpointTroubles: Sendable {
    private let messages = Mutex<[String]>([])

    func add(_ message: String) {
        messages.withLock { $0.append(message) }
    }

    func take() -> [String] {
        messages.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}

extension RunContext {
    func expert() throws -> PipelineExpert {
        guard let path = configuration.expertPath else { return try expert(at: configuration.expert) }
        return try expert(model(at: path))
    }

    /// A model on this machine as an expert.
    func expert(_ model: LanguageModel) -> PipelineExpert {
        .local(LocalExpert(model, batchSize: configuration.generationBatchSize))
    }

    /// The model behind an endpoint, its replies kept in the run.
    func expert(at endpoint: EndpointSettings) throws -> PipelineExpert {
        let troubles = EndpointTroubles()
        return .remote(
            try RemoteExpert(endpoint, onRetry: troubles.add),
            KeptReplies(store: store, endpoint: endpoint), troubles)
    }

    /// Asks an expert for a recipe's rows, while telling of its troubles and heeding a wish to stop.
    func ask(
        _ expert: PipelineExpert, _ conversations: [Conversation], _ rules: ReplyRules, for recipe: ContentKey
    ) throws -> [ExpertReply] {
        let fits = try conversations.map { try hasRoom(for: $0, rules, in: expert) }
        let asked = zip(conversations, fits).filter(\.1).map(\.0)
        var replies = try expert.replies(asked, rules, for: recipe) {
            if case .remote(_, _, let troubles) = expert { troubles.take().forEach { tell(.notice($0)) } }
            try checkForStop()
        }[...]
        tellTooLong(conversations.count - asked.count, expert)
        tellThoughts(replies.count { $0.endsInThought }, of: replies.count, rules)
        return fits.map { $0 ? replies.removeFirst() : ExpertReply(text: "", isFinished: false, tokens: []) }
    }

    private func tellThoughts(_ count: Int, of replies: Int, _ rules: ReplyRules) {
        guard count > 0 else { return }
        let advice = configuration.template.thinks ? ", or set template.thinks to false" : ""
        tell(
            .notice(
                """
                \(count) of \(replies) replies ended at \(rules.maximumTokens) tokens while the model was still thinking, and \
                are left out: allow more tokens\(advice).
                """))
    }

    /// Whether a model on this machine has room for a prompt and its reply. What an endpoint's has is not known here.
    private func hasRoom(
        for conversation: Conversation, _ rules: ReplyRules, in expert: PipelineExpert
    ) throws -> Bool {
        guard case .local(let local) = expert else { return true }
        let room = local.model.decoder.configuration.maximumPositions - rules.maximumTokens
        let bytes = conversation.messages.reduce(conversation.replyPrefix.utf8.count) { $0 + $1.content.utf8.count }
        return try PassageRoom.surelyFits(bytes: bytes, in: room)
            || local.model.promptTokens(
                conversation.messages, replyPrefix: conversation.replyPrefix,
                template: conversation.template.map(ChatTemplate.init)
            ).count <= room
    }

    private func tellTooLong(_ count: Int, _ expert: PipelineExpert) {
        guard count > 0, case .local(let local) = expert else { return }
        tell(
            .notice(
                """
                \(count) prompts are not put to the model: with the longest reply they are longer than the \
                \(local.model.decoder.configuration.maximumPositions) tokens that it reads. A lower maximumPassageTokens, or \
                the stage's maximumTokens, makes room.
                """))
    }

    /// What names the expert in a recipe: its weights, or its address and model.
    func expertIdentity() throws -> String {
        try configuration.expertPath.map(name(ofModelAt:)) ?? configuration.expert.identity
    }
}

extension ChatRequest {
    /// An endpoint puts chats through its model's template itself; what has another template goes as finished text, whose
    /// first token the endpoint adds.
    init(_ conversation: Conversation, rules: ReplyRules) throws {
        let prompt = try conversation.template.map { template in
            try ChatTemplate(template).render(
                conversation.messages, addGenerationPrompt: true, bosToken: nil, eosToken: nil
            ).string
        }
        self.init(
            messages: prompt == nil ? conversation.messages.map { Message(role: $0.role, content: $0.content) } : [],
            prompt: prompt,
            temperature: rules.sampling.temperature, topP: rules.sampling.topP, topK: rules.sampling.topK,
            minP: rules.sampling.minP, maximumTokens: rules.maximumTokens, seed: conversation.seed)
    }
}
