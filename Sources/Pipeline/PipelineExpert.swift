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
            var replies = try requests.map { try kept.reply(to: $0, keeping: rules.askedTags) }
            let missing = replies.indices.filter { replies[$0] == nil }
            if !missing.isEmpty {
                let arrived = try waiting(checkIn) {
                    try await expert.replies(to: missing.map { requests[$0] }, keeping: rules.askedTags) {
                        index, reply in
                        try kept.keep(reply, to: requests[missing[index]], for: recipe)
                    }
                }
                for (place, reply) in zip(missing, arrived) { replies[place] = ExpertReply(reply) }
            }
            return replies.compactMap { $0 }
        }
    }
}

extension ExpertReply {
    /// An endpoint's reply; of one with a fault nothing but that.
    init(_ reply: ChatReply) {
        self.init(text: reply.fault == nil ? reply.text : "", isFinished: reply.isFinished, fault: reply.fault)
    }
}

/// Replies of one endpoint that a run has already paid for.
struct KeptReplies: Sendable {
    let store: RunStore
    let endpoint: EndpointSettings

    /// - Parameter tags: those that were asked for and are no thoughts.
    func reply(to request: ChatRequest, keeping tags: Set<String> = []) throws -> ExpertReply? {
        try store.endpointReply(to: key(request)).map { kept in
            guard !kept.text.isEmpty else {
                return ExpertReply(text: "", isFinished: false, fault: .refused(said: nil))
            }
            // Replies that an earlier version kept have their thoughts still.
            var reply = ChatReply(text: kept.text, isFinished: kept.isFinished)
            reply.removeThoughts(keeping: tags)
            return ExpertReply(reply)
        }
    }

    /// Keeps what need not be asked for again: a reply, one that is all thoughts, and that a request is refused, as one
    /// without text.
    func keep(_ reply: ChatReply, to request: ChatRequest, for recipe: ContentKey?) throws {
        switch reply.fault {
        case nil, .endsInThought, .refused: break
        case .tooLong, .empty: return
        }
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

/// What an endpoint's client has to say while it works, kept until the run's own thread asks for it.
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

/// The experts behind endpoints that a run has asked.
final class EndpointExperts {
    private var experts: [EndpointSettings: PipelineExpert] = [:]

    func expert(at endpoint: EndpointSettings, _ make: () throws -> PipelineExpert) rethrows -> PipelineExpert {
        if let known = experts[endpoint] { return known }
        let made = try make()
        experts[endpoint] = made
        return made
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

    /// The model behind an endpoint, its replies kept in the run. The same for every stage, since it has learned what the endpoint
    /// does not take.
    func expert(at endpoint: EndpointSettings) throws -> PipelineExpert {
        try endpoints.expert(at: endpoint) {
            let troubles = EndpointTroubles()
            return .remote(
                try RemoteExpert(endpoint, onNotice: troubles.add),
                KeptReplies(store: store, endpoint: endpoint), troubles)
        }
    }

    /// Asks an expert for a recipe's rows, while telling of its troubles and heeding a wish to stop, and tells of requests
    /// without a reply.
    /// - Parameter limit: the setting that the rules' maximum of tokens is.
    func ask(
        _ expert: PipelineExpert, _ conversations: [Conversation], _ rules: ReplyRules, for recipe: ContentKey,
        limit: KeyPath<RunConfiguration, Int>
    ) throws -> [ExpertReply] {
        let fits = try conversations.map { try hasRoom(for: $0, rules, in: expert) }
        let asked = zip(conversations, fits).filter(\.1).map(\.0)
        defer { tellTroubles(of: expert) }
        let replies = try expert.replies(asked, rules, for: recipe) {
            tellTroubles(of: expert)
            try checkForStop()
        }
        let isSetting = configuration[keyPath: limit] == rules.maximumTokens
        let tokens =
            isSetting ? "\(RunConfiguration.name(of: limit)), \(rules.maximumTokens)" : "\(rules.maximumTokens)"
        switch expert {
        case .local(let local):
            tellTooLong(conversations.count - asked.count, local)
            tellThoughts(replies.count { $0.fault == .endsInThought }, of: replies.count, limit: tokens)
        case .remote(_, let kept, _):
            for (conversation, reply) in zip(asked, replies) {
                guard let fault = reply.fault else { continue }
                tellOnce(fault.notice(on: conversation.subject, from: kept.endpoint.baseURL, limit: tokens))
            }
        }
        var rest = replies[...]
        return fits.map {
            $0 ? rest.removeFirst() : ExpertReply(text: "", isFinished: false, fault: .tooLong(said: nil))
        }
    }

    private func tellTroubles(of expert: PipelineExpert) {
        if case .remote(_, _, let troubles) = expert { troubles.take().forEach { tell(.notice($0)) } }
    }

    private func tellThoughts(_ count: Int, of replies: Int, limit: String) {
        guard count > 0 else { return }
        let advice = configuration.template.thinks ? ", or set template.thinks to false" : ""
        tell(
            .notice(
                """
                \(count) of \(replies) replies ended while the model was still thinking, and are left out: allow more tokens \
                than \(limit)\(advice).
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

    private func tellTooLong(_ count: Int, _ expert: LocalExpert) {
        guard count > 0 else { return }
        tell(
            .notice(
                """
                \(count) prompts are not put to the model: with the longest reply they are longer than the \
                \(expert.model.decoder.configuration.maximumPositions) tokens that it reads. A lower maximumPassageTokens, or \
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
