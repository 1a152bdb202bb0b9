// The settings' declarations: that all fields have one, and what follows from them for the keys of rows and for docs/settings.md.

import Basics
import Foundation
import Testing

@testable import Lineage

@Suite struct SettingsTests {
    /// A field without a declaration could be neither read nor written.
    @Test func everyFieldIsDeclaredInItsPlace() {
        func check<Section: SettingsSection>(_ section: Section.Type) {
            let fields = Mirror(reflecting: Section()).children.map(\.label)
            #expect(Section.settings.map(\.name) == fields, "\(Section.self)")
            for setting in Section.settings {
                #expect(setting.help.hasSuffix(".") && !setting.help.contains("\n"), "\(Section.self).\(setting.name)")
                if let nested = setting.section { check(nested) }
            }
        }
        check(RunConfiguration.self)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var configuration = RunConfiguration.small
        configuration.training.seed = .max
        configuration.training.snapshotSeconds = [60, 90.5]
        configuration.questions.sampling.minP = nil
        configuration.comparison.methods = ComparisonSettings.usualMethods
        let written = try JSONEncoder().encode(configuration)
        #expect(try JSONDecoder().decode(RunConfiguration.self, from: written) == configuration)
    }

    /// The defaults of every section and preset are allowed.
    @Test(arguments: [RunConfiguration.paper, .small])
    func presetsAreAllowed(_ preset: RunConfiguration) throws {
        var configuration = preset
        (configuration.model, configuration.documents, configuration.output) = ("m", "d", "o")
        try configuration.validate()
    }

    @Test func tablesNameEverySettingOnce() throws {
        let rows = SettingsTable.all.flatMap(\.rows)
        #expect(Set(rows.map(\.name)).count == rows.count)
        #expect(rows.contains { $0.name == "comparison.methods[].name" })
        let rank = try #require(try SettingsTable.of("training.rank").flatMap(\.rows).first)
        #expect(rank.default == .integer(1024) && rank.small == .integer(64) && rank.paper == nil)
        #expect(rank.values == "a whole number, 1 or more")
        #expect(try SettingsTable.of("answers.sampling").flatMap(\.rows).count == 5)
        for (wrong, near) in [("trainig", "training"), ("rank", "training.rank")] {
            let error = #expect(throws: ConfigurationError.self) { try SettingsTable.of(wrong) }
            #expect(try #require(error).description.hasSuffix("\"\(wrong)\"; did you mean \"\(near)\"?"))
        }
    }

    /// Tests run in the project's folder.
    @Test func thePageOfSettingsIsThatOfTheDeclarations() throws {
        let page = try String(contentsOfFile: "docs/settings.md", encoding: .utf8)
        let isCurrent = page == SettingsTable.markdown
        #expect(isCurrent, "docs/settings.md is not what `instill settings --markdown` prints")
    }
}

@Suite struct RowSettingsTests {
    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try value.canonicalJSON(), as: UTF8.self)
    }

    private func rows<Section: SettingsSection>(
        _ section: Section, _ change: (inout Section) -> Void
    ) -> RowSettings<Section> {
        var changed = section
        change(&changed)
        return RowSettings(changed)
    }

    /// As the first versions wrote them: the seeds of what is sampled come from it.
    @Test(arguments: [
        (
            RunConfiguration.paper,
            #"{"attempts":3,"callsPerSentence":1,"completions":false,"maximumTokens":512,"perPassage":30,"#
                + #""sampling":{"temperature":1.5,"topK":50},"style":"passage"}"#,
            #"{"context":"document","dropsUnfounded":false,"maximumTokens":512,"samples":1,"#
                + #""sampling":{"temperature":1.5,"topK":50}}"#,
            #"{"maximumTokens":500,"sampling":{"temperature":0.25}}"#
        ),
        (
            .small,
            #"{"attempts":1,"callsPerSentence":2,"completions":true,"maximumTokens":40,"perPassage":30,"#
                + #""sampling":{"minP":0.1,"temperature":0.8},"style":"sentence"}"#,
            #"{"context":"sentence","dropsUnfounded":true,"maximumTokens":48,"samples":1,"#
                + #""sampling":{"temperature":0.25,"topK":50}}"#,
            #"{"maximumTokens":96,"sampling":{"temperature":0}}"#
        ),
    ])
    func sampledRowsKeepTheirKeys(preset: RunConfiguration, questions: String, answers: String, evaluation: String)
        throws
    {
        #expect(try json(RowSettings(preset.questions)) == questions)
        #expect(try json(RowSettings(preset.answers)) == answers)
        #expect(try json(RowSettings(preset.evaluation)) == evaluation)
        let judge = #"{"attempts":3,"maximumTokens":256,"sampling":{"temperature":0},"temperatureStep":0.3}"#
        #expect(try json(RowSettings(preset.judge)) == judge)
    }

    @Test func laterSettingsAreWrittenWhereTheyAreChangedAndUsed() throws {
        var questions = QuestionSettings()
        (questions.rewrites, questions.pairs, questions.coverageBudget) = (true, 2, 20)
        (questions.leakThreshold, questions.dropsLeaks) = (0.8, true)
        #expect(RowSettings(questions).section.coverageBudget == QuestionSettings().coverageBudget)
        questions.coverageTarget = 0.9
        #expect(
            try json(RowSettings(questions)) == """
                {"attempts":3,"callsPerSentence":1,"completions":false,"coverageBudget":20,"coverageTarget":0.9,\
                "maximumTokens":512,"pairs":2,"perPassage":30,"rewrites":true,\
                "sampling":{"temperature":1.5,"topK":50},"style":"passage"}
                """)
        var answers = AnswerSettings()
        answers.stepByStep = true
        #expect(
            try json(RowSettings(answers)) == """
                {"context":"document","dropsUnfounded":false,"maximumTokens":512,"samples":1,\
                "sampling":{"temperature":1.5,"topK":50},"stepByStep":true}
                """)
    }

    /// A training that runs out of memory goes on where it was.
    @Test func whatChangesNoNumberChangesNoKey() throws {
        let usual = RowSettings(TrainingSettings())
        #expect(try json(usual) == "{}")
        let encoder = JSONEncoder()
        encoder.userInfo[.writesDefaults] = true
        let forPeople = String(decoding: try encoder.encode(usual), as: UTF8.self)
        #expect(forPeople.contains(#""rank":1024"#) && !forPeople.contains("recomputesLayers"))
        #expect(rows(TrainingSettings()) { $0.recomputesLayers = true } == usual)
        #expect(rows(TrainingSettings()) { ($0.checkpointSeconds, $0.snapshotSeconds) = (1, [60]) } == usual)
        #expect(rows(TrainingSettings()) { ($0.jensenShannonBeta, $0.chunkTokens) = (0.9, 128) } == usual)
        #expect(rows(TrainingSettings()) { $0.documentOmission = 0.1 } == usual)
        #expect(rows(TrainingSettings()) { $0.maximumTokensPerPass = 4096 } != usual)
        #expect(
            rows(TrainingSettings()) {
                $0.documentOmission = 0.1; $0.distractors = 2
            } != usual)
        let steps = rows(TrainingSettings()) { $0.warmupSteps = 5 }
        #expect(rows(TrainingSettings()) { ($0.warmupSteps, $0.warmupFraction) = (5, 0.5) } == steps)
        #expect(try json(steps) == #"{"warmupSteps":5}"#)
        let chunks = rows(TrainingSettings()) { ($0.objective, $0.chunkTokens) = (.documentFineTuning, 128) }
        #expect(try json(chunks) == #"{"chunkTokens":128,"objective":"document_fine_tuning"}"#)
        #expect(
            rows(EndpointSettings()) {
                $0.outputPrice = 3; $0.parallelism = 1
            } == RowSettings(EndpointSettings()))
    }

    /// As the version before wrote it.
    @Test func olderRecipesAreReadAsWhatTheyMean() throws {
        let old = """
            {"alpha":3,"batchSize":8,"checkpointSeconds":7,"chunkOverlap":64,"chunkTokens":256,"clipNorm":1,\
            "distractors":2,"divergence":"forward","documentOmission":0.4,"epochs":4,"jensenShannonBeta":0.5,\
            "learningRate":0.001,"maximumTokensPerPass":4096,"objective":"fine_tuning","questionsPerDocument":30,\
            "rank":64,"recomputesLayers":true,"seed":18446744073709551615,"snapshotSeconds":[60,90.5],\
            "targets":["q_proj","lm_head"],"temperature":1,"validationFraction":0.02,"warmupFraction":0.03,\
            "warmupSteps":5,"weightDecay":0.1}
            """
        let expected = rows(RunConfiguration.small.training) {
            ($0.objective, $0.alpha, $0.warmupSteps, $0.seed) = (.fineTuning, 3, 5, .max)
            ($0.distractors, $0.documentOmission, $0.questionsPerDocument) = (2, 0.4, 30)
            ($0.targets, $0.maximumTokensPerPass) = ([.q, .head], 4096)
        }
        let read = try JSONDecoder().decode(RowSettings<TrainingSettings>.self, from: Data(old.utf8))
        #expect(read == expected)
        #expect(try json(read) == json(expected))
    }

    @Test(arguments: [RunConfiguration.paper, .small])
    func whatIsWrittenIsReadAgain(_ preset: RunConfiguration) throws {
        func check<Section: SettingsSection>(_ section: Section) throws {
            let rows = RowSettings(section)
            #expect(RowSettings(rows.section) == rows)
            #expect(try JSONDecoder().decode(RowSettings<Section>.self, from: JSONEncoder().encode(rows)) == rows)
        }
        try check(preset.questions)
        try check(.bonito as QuestionSettings)
        try check(preset.answers)
        try check(preset.training)
        try check(preset.evaluation)
        try check(preset.judge)
        var onPolicy = preset.onPolicy
        (onPolicy.share, onPolicy.sampling) = (0.5, SamplingSettings(temperature: 1, topK: 20))
        try check(onPolicy)
        var selection = preset.selection
        (selection.by, selection.keep) = (.initialKL, [0.8, 1])
        try check(selection)
    }
}
