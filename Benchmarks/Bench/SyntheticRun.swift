// A run of as many documents as one likes, whose words, answers and teacher states cost nothing to make. Everything but these
// is the product's: the stages keep the rows and write the shards as they do for a model's. Knows nothing of time.

import Basics
import Distillation
import Foundation
import Lineage
import Pipeline
import Store
import TestSupport
import Torch

/// A run's folder and what goes into it. A question has one answer of 16 to 24 tokens.
struct SyntheticRun {
    static let questionsPerDocument = 30
    private static let writer = "synthetic"
    /// SmolLM2-135M's.
    static let width = 576
    private static let answerLengths = 16...24

    private let folder: URL

    init(_ folder: URL) { self.folder = folder }

    var targets: URL { RunFolder(output).targets }
    var store: URL { output.appending(path: "run.sqlite") }
    private var output: URL { folder.appending(path: "run", directoryHint: .isDirectory) }
    private var documents: URL { folder.appending(path: "documents.jsonl") }
    private var model: URL { folder.appending(path: "model") }

    /// The small preset, with a model of which only the tokenizer, a token a byte, is used.
    var configuration: RunConfiguration {
        var configuration = RunConfiguration.small
        configuration.model = model.path
        configuration.documents = documents.path
        configuration.output = output.path
        configuration.maximumPassageTokens = 4096
        return configuration
    }

    /// Opens the run.
    func pipeline() throws -> Pipeline { try Pipeline(configuration) { _ in } }

    // MARK: - What a run starts from

    /// Writes the model and a file of documents.
    func writeInputs(documents count: Int) throws {
        try TinyModel.write(to: model, seed: 1)
        try Data().write(to: documents)
        let file = try FileHandle(forWritingTo: documents)
        defer { try? file.close() }
        for number in 0..<count {
            try file.write(contentsOf: JSONEncoder().encode(Self.document(number)))
            try file.write(contentsOf: Data("\n".utf8))
        }
    }

    /// Some 1.5 kB of text.
    private static func document(_ number: Int) -> [String: String] {
        let sentences = (0..<questionsPerDocument).map { thing in
            "Thing \(thing) of place \(number) is \(number * 31 + thing) years old."
        }
        return ["id": "place-\(number)", "title": "Place \(number)", "text": sentences.joined(separator: " ")]
    }

    // MARK: - What stages make

    /// Keeps thirty questions on every document.
    func keepQuestions(_ pipeline: Pipeline) throws {
        let recipe = try pipeline.context.store.recordRecipe(
            QuestionsRecipe(
                writer: Self.writer, precision: "", systemMessage: "", seed: 1, settings: configuration.questions),
            stage: .questions)
        let stage = QuestionsStage(pipeline.context)
        try stage.keep(recipe, size: { _ in Self.questionsPerDocument }) { documents in
            documents.map { document in
                let questions = (0..<Self.questionsPerDocument).map { position in
                    Question(
                        document: document.id, recipe: recipe, position: position,
                        text: "How old is thing \(position) of \(document.subject)?")
                }
                return WrittenQuestions(questions: questions, counts: ["kept": questions.count])
            }
        }
    }

    /// Keeps an answer to every question, with the teacher's states.
    func keepAnswers(_ pipeline: Pipeline) throws {
        let questions = try pipeline.context.found.questions()
        let recipe = try pipeline.context.store.recordRecipe(
            AnswersRecipe(
                questions: questions.recipe, writer: Self.writer, teacher: Self.writer, precision: "",
                systemMessage: "", seed: 1, settings: configuration.answers),
            stage: .answers)
        let states_Td = try Self.states()
        try AnswersStage(pipeline.context).keep(recipe, to: questions) { open in
            try open.map { documented in
                WrittenAnswers(
                    try documented.questions.map { question in
                        let tokens = Self.tokens(answering: question)
                        let answer = Answer(
                            question: question.id, recipe: recipe, tokens: tokens,
                            text: String(repeating: "word ", count: tokens.count), isFinished: true,
                            seed: question.id.seed(run: 1))
                        return WrittenAnswer(
                            answer: answer, teacher_Td: try Self.teacher(tokens.map(Int.init), from: states_Td))
                    })
            }
        }
    }

    /// The tokens that answer a question: a run of numbers that its key gives, so that a reader can tell whose they are.
    private static func tokens(answering question: Question) -> [Int32] {
        let seed = question.id.seed(run: 2)
        let length = answerLengths.lowerBound + Int(seed % UInt64(answerLengths.count))
        let first = Int32(seed >> 32 & 0x7F)
        return (0..<Int32(length)).map { first + $0 }
    }

    /// Rows that answers' states are cut from.
    static func states() throws -> Tensor {
        try Tensor.randn([256, width], seed: 1).to(.bfloat16)
    }

    /// The states before an answer's tokens: the rows that its tokens number.
    static func teacher(_ tokens: [Int], from states_Td: Tensor) throws -> Tensor {
        try states_Td.narrow(0, start: tokens.first ?? 0, length: tokens.count)
    }
}
