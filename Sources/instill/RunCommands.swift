// The commands that make a run: all stages, or one of them.

import ArgumentParser
import Foundation
import Lineage
import Pipeline

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Documents in, proven adapter out: all stages.",
        discussion: """
            Example:
              instill run --documents docs --held-out asked.jsonl --output runs/mine

            Typed again it goes on where it was, and does nothing where nothing is left to do.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    func run() throws { try rendering.work(options.resolve()) { try $0.run() } }
}

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Reads the documents and held-out questions into the run.",
        discussion: """
            Example:
              instill ingest --documents docs --output runs/mine
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    func run() throws { try rendering.work(options.resolve()) { try $0.run(only: .ingest) } }
}

struct AnswersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answers",
        abstract: "Lets the teacher answer the questions, with the document before it.",
        discussion: """
            Example:
              instill answers --output runs/mine
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    func run() throws { try rendering.work(options.resolve()) { try $0.run(only: .answers) } }
}

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains the adapter on the answers, or on the documents themselves, from the newest checkpoint on.",
        discussion: """
            Example:
              instill train --output runs/mine
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    @Flag(help: "Go on from the newest checkpoint; this is what happens anyway.")
    var resume = false

    @Flag(help: "Discard the checkpoints and the adapter and start anew.")
    var fromScratch = false

    func validate() throws {
        if resume, fromScratch { throw ValidationError("--resume and --from-scratch exclude each other.") }
    }

    func run() throws {
        try rendering.work(options.resolve()) { pipeline in
            if fromScratch { try pipeline.discardTraining() }
            return try pipeline.run(only: .train)
        }
    }
}

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Asks the held-out questions, with and without the adapter and the document.",
        discussion: """
            Example:
              instill evaluate --output runs/mine --held-out asked.jsonl
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    func run() throws {
        try rendering.work(options.resolve()) { pipeline in
            if options.heldOut != nil { try pipeline.run(only: .ingest) }
            return try pipeline.run(only: .evaluate)
        }
    }
}
