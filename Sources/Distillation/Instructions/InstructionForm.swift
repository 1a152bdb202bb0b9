// The forms in which instruction data come, told apart by their fields, and how a row of each becomes a conversation. Knows
// one row, not files.

import Tokenizers

/// A form of instruction data.
public enum InstructionForm: String, Sendable, Hashable, CaseIterable {
    /// `messages`: role and content, as OpenAI's chat and Tülu 3 have them.
    case messages
    /// `conversations`: from and value.
    case shareGPT
    /// `instruction` and `instances`, each with input and output: Self-Instruct's seed tasks.
    case selfInstruct
    /// `instruction`, perhaps `input`, and `output`.
    case alpaca
    /// `prompt` and `completion`, texts or messages.
    case promptCompletion

    /// What people call it.
    public var name: String {
        switch self {
        case .messages: "chat messages"
        case .shareGPT: "ShareGPT conversations"
        case .selfInstruct: "Self-Instruct tasks"
        case .alpaca: "Alpaca"
        case .promptCompletion: "prompts and completions"
        }
    }

    /// The fields that a row has, for messages to people.
    public var fields: String {
        switch self {
        case .messages: "messages (role, content)"
        case .shareGPT: "conversations (from, value)"
        case .selfInstruct: "instruction and instances (input, output)"
        case .alpaca: "instruction, input and output"
        case .promptCompletion: "prompt and completion"
        }
    }

    /// The form of a row; nil for none of them.
    init?(of row: JSONFields) {
        let form = InstructionForm.allCases.first { form in
            switch form {
            case .messages: row.has("messages")
            case .shareGPT: row.has("conversations")
            case .selfInstruct: row.has("instruction") && row.has("instances")
            case .alpaca: row.has("instruction") && row.has("output")
            case .promptCompletion: row.has("prompt") && row.has("completion")
            }
        }
        guard let form else { return nil }
        self = form
    }

    /// The conversations of a row, of which only a Self-Instruct task can have several.
    func instructions(in row: JSONFields) throws(SkipReason) -> [Instruction] {
        switch self {
        case .messages: [try Instruction(turns: InstructionForm.turns(row, "messages"))]
        case .shareGPT: [try Instruction(turns: InstructionForm.turns(row, "conversations"))]
        case .selfInstruct: try InstructionForm.task(row)
        case .alpaca:
            [try InstructionForm.single(row.string(["instruction"]), row.string(["input"]), row.string(["output"]))]
        case .promptCompletion:
            [try Instruction(turns: InstructionForm.turns(row, "prompt") + InstructionForm.turns(row, "completion"))]
        }
    }

    // MARK: - Fields

    /// A turn in any of the forms' words; nil for a row that is none.
    private static func turn(_ row: JSONFields) -> ChatMessage? {
        // Content in parts, as multimodal data have it; parts other than text have none.
        let parts = row.objects("content").map { $0.compactMap { $0.string(["text"]) }.joined() }
        guard let role = row.string(["role", "from"]), let text = row.string(["content", "value"]) ?? parts else {
            return nil
        }
        return ChatMessage(role: roles[role.lowercased()] ?? role, content: text)
    }

    private static let roles = [
        "human": "user", "user": "user", "gpt": "assistant", "chatgpt": "assistant", "assistant": "assistant",
        "model": "assistant", "bot": "assistant", "system": "system",
    ]

    /// The turns in a field; a text is one turn, the user's in a prompt and the assistant's in a completion.
    private static func turns(_ row: JSONFields, _ field: String) throws(SkipReason) -> [ChatMessage] {
        if let turns = row.objects(field), !turns.isEmpty {
            let messages = turns.compactMap(turn)
            guard messages.count == turns.count else {
                throw SkipReason(.missingField([field == "conversations" ? "value" : "content"]))
            }
            return messages
        }
        guard ["prompt", "completion"].contains(field), let text = row.string([field]), !text.isBlank else {
            throw SkipReason(.missingField([field]))
        }
        return [ChatMessage(role: field == "prompt" ? "user" : "assistant", content: text)]
    }

    private static func task(_ row: JSONFields) throws(SkipReason) -> [Instruction] {
        guard let instances = row.objects("instances"), !instances.isEmpty else {
            throw SkipReason(.missingField(["instances"]))
        }
        var instructions: [Instruction] = []
        for instance in instances {
            instructions.append(
                try single(row.string(["instruction"]), instance.string(["input"]), instance.string(["output"])))
        }
        return instructions
    }

    /// An instruction, the input that it is about, if any, and the reply.
    private static func single(_ task: String?, _ input: String?, _ output: String?) throws(SkipReason) -> Instruction {
        guard let task, !task.isBlank else { throw SkipReason(.missingField(["instruction"])) }
        guard let output, !output.isBlank else { throw SkipReason(.noReply) }
        let asked = [task, input ?? ""].filter { !$0.isBlank }.joined(separator: "\n\n")
        return Instruction(prompt: [ChatMessage(role: "user", content: asked)], reply: output)
    }
}
