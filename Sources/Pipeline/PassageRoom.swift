// How long passages may be so that the models which are shown them can read them, with what they are asked about them and with
// their replies. Knows settings and counts of tokens, not documents.

import Basics
import Distillation
import Generation
import LanguageModels
import Lineage
import Tokenizers

/// The most tokens of a passage.
struct PassageRoom {
    /// As `maximumPassageTokens` has it, or fewer.
    let tokens: Int
    /// Why they are fewer, as a sentence; nil where the setting decides.
    let reason: String?

    /// Less is no passage that a question can be asked about.
    static let least = 64
    /// Whether text surely fits, without counting: no token is less than a byte, and what a template adds is some hundred.
    static func surelyFits(bytes: Int, in room: Int) -> Bool { bytes + 1024 <= room }

    /// A question to be answered, or a sentence to be asked about. What is longer is found when it is asked.
    static let question = 64
}

/// A request that shows a model a whole passage, or a sentence of one.
private struct Reading {
    let showsPassage: Bool
    /// Tokens of model and request without a passage and with the longest reply.
    let context: Int
    let taken: Int
    /// What is asked for, and the setting of the longest reply.
    let purpose: String
    let setting: String

    var room: Int { context - taken }
}

extension RunContext {
    /// The room that all models on this machine have which read passages whole.
    func passageRoom() throws -> PassageRoom {
        let wanted = configuration.maximumPassageTokens
        let readings = configuration.training.objective.needsAnswers ? try readings() : []
        if let full = readings.first(where: { $0.room < PassageRoom.least }) {
            throw PipelineError.noRoomForPassages(
                context: full.context, taken: full.taken, purpose: full.purpose, setting: full.setting)
        }
        guard let narrowest = readings.filter(\.showsPassage).min(by: { $0.room < $1.room }), narrowest.room < wanted
        else { return PassageRoom(tokens: wanted, reason: nil) }
        return PassageRoom(
            tokens: narrowest.room,
            reason: """
                the model reads \(narrowest.context) tokens, of which \(narrowest.purpose) take \(narrowest.taken) \
                (\(narrowest.setting))
                """)
    }

    private func readings() throws -> [Reading] {
        var readings: [Reading] = []
        let (questions, answers) = (configuration.questions, configuration.answers)
        let isUsers = !configuration.trainingQuestions.isEmpty
        if !isUsers, let path = configuration.expertPath {
            let writer = QuestionWriter(
                settings: questions, prompts: configuration.prompts, recipe: ContentKey(of: "request"),
                runSeed: configuration.seed)
            if let request = writer.requestWithoutText {
                // The tokens of an expert of its own are counted as the base model counts, whose passages are cut.
                let asked = try model().promptTokens(
                    request.messages, replyPrefix: request.replyPrefix,
                    template: request.template.map(ChatTemplate.init)
                ).count
                let sentence = questions.coverageTarget == nil ? 0 : PassageRoom.question
                readings.append(
                    Reading(
                        showsPassage: questions.style != .sentence, context: try contextLength(of: path),
                        taken: asked + sentence + questions.maximumTokens,
                        purpose: "a request for questions and the longest reply", setting: "questions.maximumTokens"))
            }
        }
        // With a sentence for the teacher to read, the passage is read for questions that were made otherwise.
        if answers.context == .document || isUsers {
            let prompts = configuration.prompts
            let messages =
                answers.stepByStep == true
                ? prompts.openBookStepByStep("", question: "") : prompts.openBook("", question: "")
            let asked = try model().promptTokens(messages).count
            for path in Set([configuration.teacherPath, configuration.expertPath ?? configuration.teacherPath]) {
                readings.append(
                    Reading(
                        showsPassage: true, context: try contextLength(of: path),
                        taken: asked + PassageRoom.question + answers.maximumTokens,
                        purpose: "a question and the longest answer", setting: "answers.maximumTokens"))
            }
        }
        return readings
    }

    /// The longest sequence of the model at a path; it is not loaded.
    private func contextLength(of path: String) throws -> Int {
        try models.model(at: path)?.decoder.configuration.maximumPositions ?? LanguageModel.contextLength(path: path)
    }
}
