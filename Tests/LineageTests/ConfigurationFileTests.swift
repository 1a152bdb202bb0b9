// A configuration file: defaults, nesting, suggestions for unknown keys, and refusals.

import Basics
import Foundation
import Lineage
import Testing

@Suite struct ConfigurationFileTests {
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        return try body(file.path)
    }

    private func read(_ yaml: String) throws -> RunConfiguration {
        try withFile(yaml) { try ConfigurationOverlay(file: $0).applied(to: .small) }
    }

    private func refusal(_ yaml: String) throws -> String {
        let error = try #require(throws: ConfigurationError.self) { try read(yaml) }
        return try #require(error.description.components(separatedBy: ".yaml: ").last)
    }

    /// A run that an earlier version made can be gone on with.
    @Test func aSavedConfigurationMayLackNewerSettings() throws {
        var configuration = RunConfiguration.small
        configuration.seed = .max
        configuration.training.rank = 3
        // Nothing is written for it, and a preset would have it otherwise.
        configuration.questions.sampling.minP = nil
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration))
        var old = try #require(encoded as? [String: Any])
        old["judge"] = nil
        var training = try #require(old["training"] as? [String: Any])
        (training["objective"], training["batchSize"]) = (nil, nil)
        old["training"] = training
        let text = String(decoding: try JSONSerialization.data(withJSONObject: old), as: UTF8.self)
        #expect(try withFile(text) { try RunConfiguration(saved: $0) } == configuration)
        let error = #expect(throws: ConfigurationError.self) {
            try withFile(text.replacing("\"rank\"", with: "\"ranks\"")) { try RunConfiguration(saved: $0) }
        }
        #expect(try #require(error).description.contains("\"training.ranks\"; did you mean \"training.rank\"?"))
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

    /// OpenAI refuses top_k, so that no default may send it; servers that take it have their model's own.
    @Test func anEndpointDrawsAsItDoesUnlessTheFileSaysHow() throws {
        let endpoint = "expert: {baseURL: 'http://host/v1', model: m}"
        let plain = try read(endpoint)
        #expect(plain.questions.sampling == SamplingSettings(temperature: 0.8) && plain.answers.sampling.topK == nil)
        let asked = try read(endpoint + "\nquestions: {sampling: {topK: 50}}\nanswers: {sampling: {minP: 0.1}}")
        #expect(asked.questions.sampling.topK == 50 && asked.answers.sampling.minP == 0.1)
        #expect(try read(endpoint + "\nquestions: {style: bonito}").questions.sampling.topK == nil)
        #expect(try read("expert: {model: other}").answers.sampling.topK == 50)
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

    /// A preset's tokens and temperature are not for a model that is trained for this format.
    @Test func bonitosStyleBringsItsOwnSettings() throws {
        let read = try read("questions: {style: bonito, perPassage: 7}")
        #expect(read.questions.sampling == SamplingSettings(temperature: 1.25, topK: 50))
        #expect(read.questions.maximumTokens == 256 && read.questions.perPassage == 7 && !read.questions.completions)
        let cooler = try self.read("questions: {style: bonito, sampling: {temperature: 1}}")
        #expect(cooler.questions.sampling.temperature == 1)
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
        "documents: {{docs}}", "? [a, b]\n: 2",
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

    @Test func whatIsWrongIsNamedWithItsPlace() throws {
        #expect(try refusal("seed: -3") == "the setting seed is -3; it must be a whole number, 0 or more.")
        #expect(
            try refusal("answers: {sampling: {topK: 1.5}}")
                == "the setting answers.sampling.topK is 1.5; it must be a whole number.")
        #expect(
            try refusal("training: {divergence: backward}") == """
                the setting training.divergence is "backward"; it must be forward, reverse or jensen_shannon.
                """)
        #expect(
            try refusal("comparison: {methods: [{name: a}, {nmae: b}]}") == """
                there is no setting "comparison.methods[1].nmae"; did you mean "comparison.methods[1].name"?
                """)
        #expect(
            try refusal("comparison: {sweeps: [{values: [1, x]}]}")
                == "the setting comparison.sweeps[0].values[1] is \"x\"; it must be a number.")
        var configuration = try read("comparison: {sweeps: [{method: pd, setting: training.rank}]}")
        (configuration.model, configuration.documents, configuration.output) = ("m", "d", "o")
        #expect(throws: ConfigurationError.missing(key: "comparison.sweeps[0].values")) { try configuration.validate() }
        configuration.comparison.sweeps = []
        configuration.training.chunkOverlap = 256
        let chunks = ConfigurationError.invalid(
            key: "training.chunkOverlap", value: "256", expected: "less than chunkTokens, 256")
        #expect(throws: chunks) { try configuration.validate() }
    }

    /// YAML's dates and numbers beyond Int are what they are in JSON; null is the default.
    @Test func valuesAreThoseOfJSON() throws {
        let read = try read(
            "output: 2024-05-01\nseed: 18446744073709551615\nquestions: {sampling: {minP: null}, attempts: null}")
        #expect(read.output == "2024-05-01" && read.seed == .max)
        #expect(read.questions.sampling.minP == nil && read.questions.attempts == QuestionSettings().attempts)
    }

    @Test func pathsAreMadeAbsoluteWhereverTheyStand() throws {
        var read = try read(
            """
            documents: d
            regularisation: {data: r}
            expert: {model: e}
            judge: {model: j, endpoint: {baseURL: http://h/v1, model: m}}
            comparison:
              methods:
                - {name: a, settings: {teacher: t, expert: {model: x}, training: {rank: 4, alpha: null}}}
                - {name: b, settings: {expert: {baseURL: http://h/v1, model: name}}}
            """)
        read.resolvePaths { $0.isEmpty ? "" : "/\($0)" }
        #expect(read.documents == "/d" && read.regularisation.data == "/r" && read.teacher == "")
        #expect(read.expert.model == "/e" && read.judge.model == "/j" && read.judge.endpoint.model == "m")
        #expect(
            read.comparison.methods.map(\.settings) == [
                [
                    "teacher": .string("/t"), "expert": .object(["model": .string("/x")]),
                    "training": .object(["rank": .integer(4), "alpha": .null]),
                ], ["expert": .object(["baseURL": .string("http://h/v1"), "model": .string("name")])],
            ])
        read.judge.model = JudgeSettings.base
        read.resolvePaths { "/\($0)" }
        #expect(read.judge.model == JudgeSettings.base)
    }

    @Test func presetsFollowTheModelsSize() {
        #expect(RunConfiguration.defaults(.auto, parameters: 135_000_000).preset == .small)
        #expect(RunConfiguration.defaults(.auto, parameters: 8_000_000_000).preset == .paper)
        #expect(RunConfiguration.defaults(.paper, parameters: 1).training.temperature == 2)
    }
}
