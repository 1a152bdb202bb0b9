// A conversation with a model: what was said so far, as much of it as fits, and replies as they come. Knows no terminal.

import Distillation
import Generation
import LanguageModels
import Lineage
import Store
import Tokenizers

/// What a chat can be told.
struct ChatSettings {
    var sampling: SamplingSettings
    var maximumTokens: Int
    var seed: UInt64
}

/// One side of a chat.
struct ChatSession {
    /// Who speaks, as it is shown.
    let name: String
    private let model: LanguageModel
    private let adapter: LoRAAdapter?
    private let prompts: Prompts
    private let document: Document?
    private let settings: ChatSettings
    private var turns: [(question: String, reply: String)] = []
    private var count: UInt64 = 0

    /// - Parameter adapter: added to the model, if any; one made for inference.
    init(
        name: String, model: LanguageModel, adapter: LoRAAdapter?, prompts: Prompts, document: Document?,
        settings: ChatSettings
    ) {
        self.name = name
        self.model = model
        self.adapter = adapter
        self.prompts = prompts
        self.document = document
        self.settings = settings
    }

    /// Replies to a question.
    /// - Parameters:
    ///   - show: given the reply piece by piece, never half a character.
    ///   - isStopped: true ends the reply where it is.
    mutating func reply(
        to question: String, show: (String) -> Void, isStopped: () -> Bool = { false }
    ) throws -> String {
        let length = min(settings.maximumTokens, model.decoder.configuration.maximumPositions / 2)
        let prompt = try promptTokens(question, leaving: length)
        let generator = BatchGenerator(
            decoder: model.decoder, adapter: adapter, sampling: settings.sampling, stopTokens: model.stopTokens,
            maximumTokens: length, padding_V: model.padding_V)
        var decoder = model.tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
        var (said, isShown) = (model.opening(of: prompt), false)
        func take(_ text: String) {
            said += text
            if isShown { return show(text) }
            // Thoughts are not shown, and what begins like one is not until it is clear that it is none.
            guard !Thoughts.mayFollow(said) else { return }
            isShown = true
            show(Thoughts.removed(from: said).text)
        }
        let row = GenerationRow(prompt: prompt, seed: settings.seed &+ count)
        _ = try generator.generate([row]) { news in
            for (_, token) in news where model.isOfText(token) { take(decoder.append(token)) }
            return !isStopped()
        }
        take(decoder.finish())
        let (reply, isOpen) = Thoughts.removed(from: said)
        if !isShown { show(isOpen ? "(only thoughts, which the limit of tokens cut short)" : reply) }
        turns.append((question, reply))
        count += 1
        return reply
    }

    /// The conversation as tokens, without its oldest turns where all of it does not fit.
    private mutating func promptTokens(_ question: String, leaving length: Int) throws -> [Int] {
        while true {
            let tokens = try model.promptTokens(messages(question))
            if turns.isEmpty || tokens.count + length <= model.decoder.configuration.maximumPositions { return tokens }
            turns.removeFirst()
        }
    }

    /// The document stands before the oldest question that is still in view, as it stood before the teacher.
    private func messages(_ question: String) -> [ChatMessage] {
        let questions = turns.map(\.question) + [question]
        var messages =
            document.map { prompts.openBook($0.passage, question: questions[0]) } ?? prompts.closedBook(questions[0])
        for (turn, question) in zip(turns, questions.dropFirst()) {
            messages.append(ChatMessage(role: "assistant", content: turn.reply))
            messages.append(ChatMessage(role: "user", content: question))
        }
        return messages
    }
}
