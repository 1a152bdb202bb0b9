// The configurations of Configs/: each can be read and run as it stands, and those of the paper have the paper's numbers.

import Foundation
import Lineage
import Testing

@Suite struct ConfigsTests {
    private static let papers = names(in: "paper")
    private static let smalls = names(in: "small")
    private static let experiments = names(in: "experiments")

    /// Without their extension. Tests run in the project's folder.
    private static func names(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "Configs/\(folder)")) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// - Parameter preset: the one that the file must ask for; nil for the folder's name.
    private func read(_ folder: String, _ name: String, preset expected: String? = nil) throws -> RunConfiguration {
        let overlay = try ConfigurationOverlay(file: "Configs/\(folder)/\(name).yaml")
        let preset = try overlay.preset()
        #expect(preset.rawValue == expected ?? folder)
        var configuration = try overlay.applied(to: .defaults(preset, parameters: 0))
        // What set-up fetched stands in where nothing is named.
        if configuration.model.isEmpty { configuration.model = "model" }
        if configuration.retrieval.embedder.isEmpty { configuration.retrieval.embedder = "embedder" }
        try configuration.validate()
        return configuration
    }

    private func paper(_ name: String) throws -> RunConfiguration { try read("paper", name) }

    private func methods(_ configuration: RunConfiguration) throws -> [String: RunConfiguration] {
        let variants = try configuration.comparedVariants().variants
        return Dictionary(uniqueKeysWithValues: variants.map { ($0.name, $0.configuration) })
    }

    @Test func everyTableIsThereAtBothScales() {
        let tables = Set(Self.papers.map { String($0.prefix(8)) })
        #expect(tables == Set([2, 3, 4, 5, 7, 10, 11, 12, 13, 14, 15].map { "table-\($0 < 10 ? "0" : "")\($0)" }))
        #expect(Set(Self.smalls.map { String($0.prefix(8)) }) == tables && Self.smalls.count == tables.count)
        for small in Self.smalls {
            #expect(Self.papers.contains { $0 == small || $0.hasPrefix("\(small)-") }, "\(small)")
        }
    }

    @Test(arguments: papers)
    func thoseOfThePaperCanBeRun(name: String) throws {
        let configuration = try paper(name)
        #expect(configuration.output.hasPrefix("../../runs/\(name)"))
        #expect(configuration.device == "cuda")
        guard !configuration.comparison.methods.isEmpty else {
            #expect(name == "table-11-bonito-questions")
            return
        }
        #expect(configuration.comparison.seeds == [1, 2, 3] && configuration.comparison.isJudged)
        for (method, settings) in try methods(configuration) {
            #expect(settings.answers.maximumTokens == 512, "\(method)")
            let objective = settings.training.objective
            #expect(settings.training.learningRate == (objective == .documentFineTuning ? 5e-5 : 1e-5), "\(method)")
            guard objective == .distillation, !name.hasPrefix("table-04"), !name.hasPrefix("table-14") else { continue }
            #expect(settings.training.temperature == 2 && settings.training.divergence == .forward, "\(method)")
            #expect(settings.answers.sampling == SamplingSettings(temperature: 1.5, topK: 50), "\(method)")
        }
    }

    @Test(arguments: experiments)
    func experimentsCanBeRun(name: String) throws {
        let configuration = try read("experiments", name, preset: "small")
        #expect(configuration.comparison.seeds == [1, 2, 3])
        #expect(try Set(methods(configuration).keys).isSuperset(of: ["pd", "sft", "uft"]))
    }

    @Test(arguments: smalls)
    func smallOnesCanBeRun(name: String) throws {
        let configuration = try read("small", name)
        #expect(configuration.output == "../../runs/small-\(name)")
        #expect(FileManager.default.fileExists(atPath: "Configs/small/\(configuration.documents)"))
        #expect(FileManager.default.fileExists(atPath: "Configs/small/\(configuration.heldOut)"))
        let variants = try methods(configuration)
        #expect(variants.count > 1)
        // Each training is to take a minute or two on two cores.
        #expect(variants.values.allSatisfy { $0.training.rank <= 16 && $0.training.epochs <= 4 })
    }

    /// Table 8.
    @Test func ranksBatchesAndEpochsFollowTheModel() throws {
        let expected = [("llama-3-8b", 1024, 4, 10), ("qwen2.5-14b", 512, 32, 5), ("qwen2.5-3b", 1024, 4, 5)]
        for (model, rank, batch, epochs) in expected {
            for table in ["table-02-methods", "table-03-experts"] {
                let configuration = try paper("\(table)-\(model)")
                let training = configuration.training
                #expect(training.rank == rank && training.batchSize == batch && training.epochs == epochs)
                #expect(training.weightDecay == 0.1 && training.clipNorm == 1)
                #expect(configuration.questions.perPassage == 150)
                #expect(configuration.evaluation.sampling.temperature == 0.25)
                #expect(configuration.evaluation.maximumTokens == 500)
            }
        }
    }

    /// Section 4.3 and Table 9.
    @Test func theBaselinesAreThePapers() throws {
        let configuration = try paper("table-02-methods-llama-3-8b")
        #expect(configuration.retrieval.methods == [.bm25, .endpoint] && configuration.retrieval.topK == 7)
        #expect(configuration.retrieval.endpoint.model == "text-embedding-3-small")
        let methods = try methods(configuration)
        #expect(Set(methods.keys) == ["pd", "sft", "sft_distractors", "uft"])
        let sft = try #require(methods["sft"])
        #expect(sft.answers.sampling == SamplingSettings(temperature: 0.25, topK: 50))
        #expect(sft.training.objective == .fineTuning && sft.training.epochs == 10)
        let distracted = try #require(methods["sft_distractors"])
        #expect(distracted.training.distractors == 2 && distracted.training.documentOmission == 0.4)
        #expect(distracted.answers.stepByStep == true)
        let uft = try #require(methods["uft"]).training
        #expect(uft.epochs == 3 && uft.chunkTokens == 256 && uft.chunkOverlap == 64)
    }

    /// Table 3: the teacher is the student's own model unless it is named.
    @Test func expertsAndTeachersAreOthers() throws {
        let methods = try methods(paper("table-03-experts-llama-3-8b"))
        #expect(methods.count == 7)
        #expect(methods["pd"]?.expert.model == "" && methods["pd"]?.teacher == "")
        #expect(methods["pd_expert_70b"]?.teacher == "")
        let teacher = try #require(methods["pd_teacher_70b"])
        #expect(teacher.teacher == teacher.expert.model && teacher.teacher.contains("70B"))
        #expect(methods["sft_expert_72b"]?.expert.model.contains("72B") == true)
        // Qwen2.5-3B has another vocabulary than its larger siblings.
        #expect(try self.methods(paper("table-03-experts-qwen2.5-3b")).values.allSatisfy { $0.teacher.isEmpty })
    }

    /// Tables 4 and 14: T and the answers' temperature.
    @Test func temperaturesAreThePapers() throws {
        func pairs(_ name: String, _ isIncluded: (RunConfiguration) -> Bool) throws -> Set<[Double]> {
            Set(
                try methods(paper(name)).values.filter(isIncluded)
                    .map { [$0.training.temperature, $0.answers.sampling.temperature] })
        }
        let distilled = try pairs("table-04-temperatures") { $0.training.objective == .distillation }
        #expect(distilled == [[2, 1.5], [1, 1.5], [2, 0.25]])
        let fineTuned = try pairs("table-04-temperatures") { $0.training.objective == .fineTuning }
        #expect(Set(fineTuned.map { $0[1] }) == [0.25, 1.5])
        let reverse = try pairs("table-14-reverse-kl") { $0.training.divergence == .reverse }
        #expect(reverse == [[1, 0.25], [1, 1.5], [2, 0.25], [2, 1.5]])
        #expect(try pairs("table-14-reverse-kl") { $0.training.divergence == .forward } == [[2, 1.5]])
    }

    /// Section 4.6.
    @Test func regularisationAndXLAreThePapers() throws {
        let configuration = try paper("table-05-regularisation")
        #expect(configuration.forgetting.questions.contains("mmlu-pro"))
        let methods = try methods(configuration)
        #expect(methods["pd"]?.regularisation.share == 0 && methods["pd_tulu"]?.regularisation.share == 0.5)
        let xl = try #require(methods["pd_xl_tulu"])
        #expect(xl.regularisation.share == 0.5 && xl.training.epochs == 1 && xl.training.batchSize == 32)
        #expect(xl.trainingQuestions.contains("bonito") && methods["pd"]?.trainingQuestions == "")
        #expect(try paper("table-11-bonito-questions").questions.perPassage == 1000)
    }

    /// Section 4.7.
    @Test func denserQuestionsOfHotpotQAHaveFewerEpochs() throws {
        for (model, dense, epochs) in [("llama-3-8b", 100, 2), ("qwen2.5-14b", 50, 3), ("qwen2.5-3b", 50, 3)] {
            let configuration = try paper("table-07-hotpotqa-\(model)")
            #expect(configuration.questions.perPassage == dense && configuration.retrieval.topK == 10)
            let methods = try methods(configuration)
            #expect(methods["pd_30"]?.training.questionsPerDocument == 30 && methods["pd_30"]?.training.epochs == 5)
            #expect(methods["sft_\(dense)"]?.training.questionsPerDocument == nil)
            #expect(methods["sft_\(dense)"]?.training.epochs == epochs)
        }
    }

    /// Tables 10, 11 and 13.
    @Test func sweepsHaveThePapersPoints() throws {
        func points(_ name: String) throws -> [[Double]] {
            let (variants, plan) = try paper(name).comparedVariants()
            // The largest of a sweep is the method itself, and not trained a second time.
            #expect(variants.count == plan.sweeps.map(\.points.count).reduce(0, +))
            return plan.sweeps.map { $0.points.map(\.value) }
        }
        let questions = [5, 10, 20, 30, 50, 100, 200].map { 5.0 * $0 }
        #expect(try points("table-10-questions") == [questions, questions])
        #expect(try points("table-11-question-writers") == Array(repeating: Array(questions.dropLast()), count: 2))
        #expect(try points("table-13-rank") == Array(repeating: [16, 32, 64, 128, 256, 512], count: 2))
        #expect(try paper("table-13-rank").training.batchSize == 32)
    }

    /// Table 12.
    @Test func snapshotsAreAQuarterOfAnHourApart() throws {
        let configuration = try paper("table-12-time")
        #expect(configuration.training.snapshotSeconds == (1...11).map { 900.0 * Double($0) })
        let methods = try methods(configuration)
        #expect(methods["pd"]?.training.questionsPerDocument == 150)
        #expect(methods["sft"]?.training.questionsPerDocument == nil && configuration.questions.perPassage == 1000)
    }

    /// Table 15: the quintiles share no answer and leave none out.
    @Test func quintilesMeet() throws {
        let methods = try methods(paper("table-15-quintiles"))
        for measure in [SelectionSettings.Measure.initialKL, .teacherEntropy] {
            let chosen = methods.values.map(\.selection).filter { $0.by == measure }.sorted { $0.keep[0] < $1.keep[0] }
            let places = chosen.flatMap { Array($0.places(of: 1003)) }
            #expect(chosen.count == 5 && places == Array(0..<1003))
        }
    }
}
