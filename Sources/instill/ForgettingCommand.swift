// The measure of forgetting: multiple-choice questions before and after.

import ArgumentParser
import Evaluation
import Foundation
import Lineage
import Pipeline
import Store

extension ForgettingSettings.Method: ExpressibleByArgument {}

struct ForgettingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forgetting",
        abstract: "Measures what else the model knows, before and after: multiple-choice questions by category.",
        discussion: """
            Example:
              instill forgetting --output runs/mine --questions mmlu.jsonl --limit 500

            The questions are those of MMLU, MMLU-Pro or your own, a JSON object each: "question", "choices" (or \
            "options"), "answer" (place from 0, or letter) and, for the table, "subject" (or "category"). Before there \
            is an adapter the base model is measured alone. Stopped, it goes on where it was.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    @Option(help: "Multiple-choice questions: JSONL or a JSON list.", completion: .file())
    var questions: String?

    @Option(help: "Ask so many of them, taken from all categories in turn. (default: all)")
    var limit: Int?

    @Option(help: "Read the model's choice from likelihoods of the letters, or from its replies (generation), or both.")
    var by: ForgettingSettings.Method?

    @Flag(help: "Also by the likelihood of the options' words after the bare question.")
    var words = false

    @Flag(help: "Let replies think aloud before they name a letter.")
    var stepByStep = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
        if stepByStep, by == .likelihood {
            throw ValidationError("--step-by-step is for replies: add --by generation.")
        }
    }

    func run() throws {
        var resolved = try options.resolve()
        if let questions { resolved.configuration.forgetting.questions = questions.absolutePath }
        if let limit { resolved.configuration.forgetting.limit = limit }
        if let by { resolved.configuration.forgetting.by = by }
        if words { resolved.configuration.forgetting.words = true }
        if stepByStep { resolved.configuration.forgetting.stepByStep = true }
        var result: Forgetting?
        try rendering.work(resolved) { pipeline in
            result = try pipeline.measureForgetting()
            return nil
        }
        guard let result else { return }
        rendering.json ? JSONLines.write(forgetting: result) : Console.out(ForgettingTable(result).text)
    }
}
