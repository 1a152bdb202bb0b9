// Grades of the run's replies: by a judge, a batch at a time, and by people, out of a file.

import Algorithms
import Basics
import Distillation
import Evaluation
import Foundation
import Generation
import LanguageModels
import Lineage
import Statistics
import Store

private struct PipelineJudge {
    let expert: PipelineExpert
    /// What names it in tables.
    let name: String
    /// What names it in a recipe: its weights, or its address and model.
    let identity: String

    /// Whether a model on this machine has room for a conversation and a reply to it. What an endpoint's has is not known here.
    func fits(_ conversation: Conversation, maximumTokens: Int) throws -> Bool {
        guard case .local(let expert) = expert else { return true }
        let prompt = try expert.model.promptTokens(conversation.messages, replyPrefix: conversation.replyPrefix)
        return prompt.count + maximumTokens <= expert.model.decoder.configuration.maximumPositions
    }
}

struct GradeStage {
    private let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    init(_ run: RunContext) { self.run = run }

    /// Has the judge grade what it has not graded yet.
    func grade() throws -> GradeSummary {
        let replies = try run.store.repliesToGrade()
        guard !replies.isEmpty else { throw GradingError.noReplies }
        let judge = try judge()
        let recipe = try record(judge)
        var graded: [ContentKey: Grade] = [:]
        for newest in try run.store.newestReplies() {
            let grades = try run.store.grades(recipe: recipe, replies: newest.recipe, condition: newest.condition)
            graded.merge(grades) { first, _ in first }
        }
        try run.timed(recipe) { try grade(replies, by: judge, recipe, &graded) }
        let unparsed = graded.values.count { $0.verdict == .unparsed }
        run.tell(.finished(.grade, summary: "\(graded.count) replies by \(judge.name)\(unparsedNote(unparsed))"))
        return try GradeSummary(store: run.store)
    }

    /// Takes a person's grades out of a file that the grade sheet was filled in to; all of them or none.
    func take(_ file: URL, by grader: String) throws -> GradeSummary {
        let name = grader.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !name.isEmpty else { throw GradingError.badName(grader, reason: "it is empty") }
        for newest in try run.store.newestReplies() {
            for (other, recipe) in try run.store.graders(
                replies: newest.recipe, condition: newest.condition)
            where try other == name && run.store.recipe(recipe)?.stage != .gradesByHand {
                throw GradingError.badName(name, reason: "a grader that is no person has it in this run")
            }
        }
        let sheet = try GradeSheet(file: file, known: run.store.hasReply)
        let recipe = try run.store.recordRecipe(PersonRecipe(grader: name), stage: .gradesByHand)
        try run.store.record(
            sheet.entries.map { entry in
                Grade(
                    reply: entry.reply, recipe: recipe, grader: name,
                    verdict: entry.isCorrect ? .correct : .incorrect, reasoning: entry.note)
            })
        let blank = sheet.blank == 0 ? "" : ", \(sheet.blank) rows without one"
        run.tell(.finished(.grade, summary: "\(sheet.entries.count) grades by \(name)\(blank)"))
        return try GradeSummary(store: run.store)
    }

    // MARK: - The judge

    private func judge() throws -> PipelineJudge {
        let settings = configuration.judge
        switch settings.model {
        case JudgeSettings.base: return try judge(run.model())
        case JudgeSettings.remote:
            let endpoint = settings.endpoint.baseURL.isEmpty ? configuration.expert : settings.endpoint
            guard !endpoint.baseURL.isEmpty else { throw ConfigurationError.missing(key: "judge.endpoint.baseURL") }
            return PipelineJudge(
                expert: try run.expert(at: endpoint), name: endpoint.model, identity: endpoint.identity)
        case let path: return try judge(run.model(at: path))
        }
    }

    private func judge(_ model: LanguageModel) throws -> PipelineJudge {
        let file = URL(fileURLWithPath: model.path)
        return PipelineJudge(
            expert: run.expert(model),
            name: (file.pathExtension == "gguf" ? file.deletingPathExtension() : file).lastPathComponent,
            identity: try run.name(ofModelAt: model.path))
    }

    private func record(_ judge: PipelineJudge) throws -> ContentKey {
        let isLocal = configuration.judge.model != JudgeSettings.remote
        return try run.record(
            JudgeRecipe(
                model: judge.identity, precision: isLocal ? run.precision : "",
                systemMessage: configuration.systemMessage, seed: configuration.seed, settings: configuration.judge,
                promptVersion: Judge.promptVersion),
            .judge)
    }

    // MARK: - Its work

    /// Replies that are graded before a judge that gave no grade in form is given up.
    private static let trial = 32

    private func grade(
        _ replies: [GradedReply], by judge: PipelineJudge, _ recipe: ContentKey, _ graded: inout [ContentKey: Grade]
    ) throws {
        let grader = Judge(
            name: judge.name, settings: configuration.judge, prompts: configuration.prompts, recipe: recipe,
            runSeed: configuration.seed)
        let open = replies.filter { graded[$0.reply.id] == nil }
        run.tell(.started(.grade, done: graded.count, total: replies.count))
        for batch in open.chunks(ofCount: configuration.generationBatchSize).map(Array.init) {
            if graded.count >= Self.trial { try checkForm(graded, of: judge) }
            try run.checkForStop()
            let grades = try grader.grade(batch) {
                try judge.fits($0, maximumTokens: configuration.judge.maximumTokens)
            } ask: { conversations, rules in
                try run.ask(judge.expert, conversations, rules, for: recipe, limit: \.judge.maximumTokens)
            }
            try run.store.record(grades)
            for grade in grades { graded[grade.reply] = grade }
            let unparsed = graded.values.count { $0.verdict == .unparsed }
            let right = graded.values.count { $0.verdict == .correct }
            run.tell(
                .advanced(
                    .grade, done: graded.count, total: replies.count, detail: "\(right) right\(unparsedNote(unparsed))")
            )
        }
        try checkForm(graded, of: judge)
    }

    private func unparsedNote(_ count: Int) -> String { count == 0 ? "" : ", \(count) unparsed" }

    /// Throws if not one judgement could be read: all further ones would be as useless.
    private func checkForm(_ graded: [ContentKey: Grade], of judge: PipelineJudge) throws(GradingError) {
        guard graded.values.allSatisfy({ $0.verdict == .unparsed }) else { return }
        guard !graded.values.allSatisfy({ $0.reasoning == Judge.tooLong }) else {
            throw .contextTooShort(judge: judge.name, replies: graded.count)
        }
        throw .neverInForm(judge: judge.name, replies: graded.count, attempts: configuration.judge.attempts)
    }
}
