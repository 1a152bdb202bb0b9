// A configuration file: defaults, nesting, suggestions for unknown keys, and refusals.

import Distillation
import Evaluation
import Foundation
import Generation
import Lineage
import Testing
import Torch

@testable import Pipeline

@Suite struct ConfigurationFileTests {
    /// A run that an earlier version made can be gone on with.
    @Test func aSavedConfigurationMayLackNewerSettings() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "instill-saved-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = RunConfiguration.small
        configuration.seed = 7
        configuration.training.rank = 3
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration))
        var old = try #require(encoded as? [String: Any])
        old["judge"] = nil
        var training = try #require(old["training"] as? [String: Any])
        training["objective"] = nil
        old["training"] = training
        let run = RunFolder(folder)
        try JSONSerialization.data(withJSONObject: old).write(to: run.configuration)
        #expect(run.savedConfiguration() == configuration)
    }

    private func read(_ yaml: String) throws -> RunConfiguration {
        let file = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(yaml.utf8).write(to: file)
        return try ConfigurationOverlay(file: file.path).applied(to: .small)
    }

    @Test func aSettingThatIsThereTwiceIsNamed() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try read("seed: 5\ntraining:\n  rank: 4\n  alpha: 9\n  rank: 8\n")
        }
        #expect(error.description.hasSuffix("\"rank\" is there twice, first in line 3."))
    }

    @Test func whatTheFileDoesNotSayIsThePresets() throws {
        let read = try read("seed: 5\nquestions:\n  sampling:\n    topK: 7\ntraining:\n  alpha: 9\n")
        var expected = RunConfiguration.small
        expected.seed = 5
        expected.questions.sampling.topK = 7
        expected.training.alpha = 9
        #expect(read == expected)
        #expect(try self.read("") == .small)
    }

    @Test func everySettingOfTheQuestionsCanBeRead() throws {
        let read = try read(
            """
            questions:
              rewrites: true
              coverageTarget: 0.9
              coverageBudget: 20
              pairs: 0
              leakThreshold: 0.8
              dropsLeaks: true
            """)
        var expected = RunConfiguration.small
        expected.questions.rewrites = true
        expected.questions.coverageTarget = 0.9
        expected.questions.coverageBudget = 20
        expected.questions.leakThreshold = 0.8
        expected.questions.dropsLeaks = true
        #expect(read == expected)
        #expect(try JSONDecoder().decode(RunConfiguration.self, from: JSONEncoder().encode(read)) == read)
    }

    /// The paper's PD XL with regularisation (section 4.6): 200 questions a test question, of which a passage has five, in
    /// Bonito's format, one epoch, batches of 32, half of them instructions.
    @Test func theXLRecipeCanBeWritten() throws {
        let read = try read(
            """
            questions: {style: bonito, perPassage: 1000}
            answers: {context: document, sampling: {temperature: 1.5, topK: 50}, maximumTokens: 512, dropsUnfounded: false}
            training: {rank: 1024, epochs: 1, batchSize: 32, learningRate: 1.0e-5, temperature: 2}
            regularisation: {share: 0.5, data: tulu.jsonl, maximumPromptTokens: 1024, limit: 100000}
            """)
        #expect(read.questions.style == .bonito && read.questions.perPassage == 1000)
        #expect(read.training.epochs == 1 && read.training.temperature == 2)
        #expect(read.regularisation.perStep(batchSize: read.training.batchSize) == 16)
        var complete = read
        (complete.model, complete.documents, complete.output) = ("m", "d", "o")
        try complete.validate()
    }

    /// SFT with distractors (section 4.3).
    @Test func fineTuningWithDistractorsCanBeWritten() throws {
        let read = try read(
            """
            answers: {context: document, dropsUnfounded: false, stepByStep: true, sampling: {temperature: 0.25, topK: 50}}
            training: {objective: fine_tuning, distractors: 2, documentOmission: 0.4}
            """)
        #expect(read.answers.stepByStep == true && read.training.distractors == 2)
        #expect(read.training.documentOmission == 0.4)
        var complete = read
        (complete.model, complete.documents, complete.output) = ("m", "d", "o")
        try complete.validate()
    }

    /// What names the trainings and answers of runs that are there.
    @Test func newSettingsOfTrainingAndAnswersAreLeftOutWhereTheyAreOff() throws {
        let training = String(decoding: try JSONEncoder().encode(TrainingSettings()), as: UTF8.self)
        #expect(!training.contains("distractors") && !training.contains("documentOmission"))
        let answers = String(decoding: try JSONEncoder().encode(AnswerSettings()), as: UTF8.self)
        #expect(!answers.contains("stepByStep"))
    }

    /// A preset's tokens and temperature are not for a model that is trained for this format.
    @Test func bonitosStyleBringsItsOwnSettings() throws {
        let read = try read("questions: {style: bonito, perPassage: 7}")
        #expect(read.questions.sampling == SamplingSettings(temperature: 1.25, topK: 50))
        #expect(read.questions.maximumTokens == 256 && read.questions.perPassage == 7 && !read.questions.completions)
        let cooler = try self.read("questions: {style: bonito, sampling: {temperature: 1}}")
        #expect(cooler.questions.sampling.temperature == 1)
    }

    /// What runs of before these settings have written down, and what names their questions.
    @Test func settingsThatCameLaterChangeNothingForEarlierRuns() throws {
        let before = """
            {"attempts":3,"callsPerSentence":1,"completions":false,"maximumTokens":512,"perPassage":30,\
            "sampling":{"temperature":1.5,"topK":50},"style":"passage"}
            """
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(QuestionSettings()), as: UTF8.self) == before)
        #expect(try JSONDecoder().decode(QuestionSettings.self, from: Data(before.utf8)) == QuestionSettings())
        var checked = QuestionSettings()
        (checked.leakThreshold, checked.dropsLeaks, checked.coverageBudget) = (0.9, true, 7)
        #expect(checked.ofMaking == QuestionSettings())
        checked.coverageTarget = 0.5
        #expect(checked.ofMaking.coverageBudget == 7)
    }

    @Test(arguments: [
        ("sede: 5", "sede", "seed"), ("training:\n  learnigRate: 1", "training.learnigRate", "training.learningRate"),
        ("answers:\n  sampling:\n    minp: 1", "answers.sampling.minp", "answers.sampling.minP"),
    ])
    func unknownKeysAreRefusedWithASuggestion(yaml: String, key: String, suggestion: String) throws {
        do {
            _ = try read(yaml)
            Issue.record("it was accepted")
        } catch ConfigurationError.unknownKey(_, let found, let near) {
            #expect(found == key && near == suggestion)
        }
    }

    @Test(arguments: [
        "seed: many", "training:\n  epochs: 1.5", "questions: 3", "training:\n  targets: [x]", "- a", "a: [",
    ])
    func unusableValuesAreRefused(yaml: String) {
        #expect(throws: ConfigurationError.self) { try read(yaml) }
    }

    @Test func impossibleValuesAreNamed() throws {
        func refuses(_ key: String, _ change: (inout RunConfiguration) -> Void) {
            var configuration = RunConfiguration.small
            (configuration.model, configuration.documents, configuration.output) = ("m", "d", "o")
            change(&configuration)
            do {
                try configuration.validate()
                Issue.record("\(key) was accepted")
            } catch ConfigurationError.invalid(let found, _, _) {
                #expect(found == key)
            } catch {
                #expect("\(error)".contains(key))
            }
        }
        refuses("model") { $0.model = "" }
        for name in ["tpu", "", "cuda:", "cuda:one"] { refuses("device") { $0.device = name } }
        refuses("training.learningRate") { $0.training.learningRate = .nan }
        refuses("training.temperature") { $0.training.temperature = 0 }
        refuses("answers.sampling.topP") { $0.answers.sampling.topP = 1.5 }
        refuses("training.targets") { $0.training.targets = [] }
        refuses("regularisation.share") { ($0.regularisation.share, $0.training.batchSize) = (0.1, 4) }
        refuses("regularisation.share") { ($0.regularisation.share, $0.training.batchSize) = (0.5, 1) }
        refuses("regularisation.share") { $0.regularisation.share = -1 }
        refuses("regularisation.limit") { $0.regularisation.limit = 0 }
        refuses("regularisation.sampling.topP") { $0.regularisation.sampling.topP = 2 }
        refuses("training.distractors") { $0.training.distractors = 0 }
        refuses("training.distractors") { ($0.training.distractors, $0.training.objective) = (2, .documentFineTuning) }
        refuses("training.documentOmission") { $0.training.documentOmission = 2 }
        refuses("answers.stepByStep") { $0.answers.stepByStep = true }
        refuses("onPolicy.share") { $0.onPolicy.share = 1.5 }
        refuses("onPolicy.share") { ($0.onPolicy.share, $0.training.objective) = (0.5, .fineTuning) }
        refuses("onPolicy.maximumTokens") { $0.onPolicy.maximumTokens = 0 }
        refuses("onPolicy.sampling.minP") { $0.onPolicy.sampling.minP = 2 }
        refuses("judge.attempts") { $0.judge.attempts = 0 }
        refuses("judge.temperatureStep") { $0.judge.temperatureStep = -1 }
        refuses("judge.endpoint.model") { $0.judge.endpoint.baseURL = "http://localhost:1/v1" }
        refuses("questions.coverageTarget") { $0.questions.coverageTarget = 80 }
        refuses("questions.coverageBudget") { $0.questions.coverageBudget = 0 }
        refuses("questions.leakThreshold") { $0.questions.leakThreshold = 0.2 }
        refuses("questions.pairs") { $0.questions.pairs = -1 }
        refuses("questions.pairs") { $0.questions.pairs = 2 }
        refuses("questions.rewrites") { ($0.questions, $0.questions.rewrites) = (.bonito, true) }
        refuses("questions.style") { $0.expert = .init(baseURL: "http://localhost:1/v1", model: "m") }
    }

    @Test func anExpertNeedsNoAddress() throws {
        let read = try read("teacher: t\nexpert: {model: e}\nonPolicy: {share: 0.5, sampling: {topK: 20}}")
        #expect(read.teacher == "t" && read.expert.model == "e" && read.expert.baseURL.isEmpty)
        #expect(read.onPolicy.share == 0.5 && read.onPolicy.sampling == SamplingSettings(temperature: 1, topK: 20))
        var complete = read
        (complete.model, complete.documents, complete.output) = ("m", "d", "o")
        try complete.validate()
    }

    @Test(arguments: [
        ("", Device.cpu), ("device: cpu", .cpu), ("device: cuda", .cuda(0)), ("device: cuda:1", .cuda(1)),
    ])
    func theDeviceIsTheProcessorUnlessAnotherIsNamed(yaml: String, device: Device) throws {
        let configuration = try read(yaml)
        #expect(configuration.resolvedDevice == device)
        if device != .cpu { #expect(configuration.resolvedPrecision == .bfloat16) }
    }

    @Test func presetsFollowTheModelsSize() {
        #expect(RunConfiguration.defaults(.auto, parameters: 135_000_000).preset == .small)
        #expect(RunConfiguration.defaults(.auto, parameters: 8_000_000_000).preset == .paper)
        #expect(RunConfiguration.defaults(.paper, parameters: 1).training.temperature == 2)
    }
}
