// Runs with more models than one: a teacher of its own, an expert on this machine, and a student that writes its own answers.

import Distillation
import Foundation
import Lineage
import LanguageModels
import Store
import TestSupport
import Testing
import Torch

@Suite struct OtherModelsTests {
    private static let onPolicy = "onPolicy: {share: 0.5, maximumTokens: 6}"

    private func workplace(_ settings: String) throws -> Workplace {
        let place = try Workplace(settings)
        try TinyModel.write(to: place.folder.appending(path: "wide"), seed: 8, width: 48)
        return place
    }

    private func adapter(_ place: Workplace) throws -> Data {
        try Data(contentsOf: place.folder.appending(path: "out/adapter/adapter_model.safetensors"))
    }

    private func recipe(_ stage: StageID, _ place: Workplace) throws -> [String: Any] {
        let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
        let settings = try #require(try store.recipes(stage: stage).first?.settings)
        return try #require(try JSONSerialization.jsonObject(with: Data(settings.utf8)) as? [String: Any])
    }

    /// Widths of the states in all shards.
    private func widths(_ place: Workplace) throws -> Set<Int> {
        let shards = try FileManager.default.contentsOfDirectory(
            at: place.folder.appending(path: "out/targets"), includingPropertiesForKeys: nil)
        return try Set(shards.map { try TargetShard.open($0).shape[1] })
    }

    /// The expert is the base, the teacher, or a third; its words and its tokens become the teacher's.
    @Test(arguments: ["", "expert: {model: wide}", "expert: {model: third}"])
    func anotherModelTeaches(expert: String) throws {
        let place = try workplace("teacher: wide\n\(expert)")
        try TinyModel.write(to: place.folder.appending(path: "third"), seed: 9, width: 64)
        let run = try instill("run", place.config, "--quiet")
        #expect(run.code == 0, "\(run.errors)")
        #expect(try widths(place) == [48])
        let names = try recipe(.answers, place)
        let prints = try ["model", "wide", "third"].map { try LanguageModel.fingerprint(path: place.path($0)) }
        #expect(names["teacher"] as? String == prints[1])
        #expect(names["writer"] as? String == (expert.isEmpty ? prints[0] : prints[expert.contains("wide") ? 1 : 2]))
    }

    @Test func aModelOnThisMachineWritesForTheBase() throws {
        let place = try workplace("expert: {model: wide}")
        let run = try instill("run", place.config, "--quiet")
        #expect(run.code == 0, "\(run.errors)")
        #expect(try widths(place) == [32])
        let plain = try workplace("")
        #expect(try instill("run", plain.config, "--quiet").code == 0)
        #expect(try adapter(place) != adapter(plain))
        #expect(try recipe(.training, plain)["onPolicy"] == nil)
    }

    @Test func aTeacherOfOtherTokensIsRefusedBeforeAnyWork() throws {
        let place = try workplace("teacher: wide")
        let file = place.folder.appending(path: "wide/tokenizer.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "\"!\" : 33", with: "\"!!\" : 33").utf8).write(to: file)
        let run = try instill("run", place.config)
        #expect(run.code == 65)
        #expect(run.errors.contains("vocabularies differ") && run.errors.contains("\"!!\""))
        #expect(!FileManager.default.fileExists(atPath: place.path("out/targets")))
    }

    /// Weights that are broken are found before the first question, whoever's they are.
    @Test(arguments: ["teacher: wide", "expert: {model: wide}"])
    func aBrokenTeacherOrExpertIsFoundBeforeAnyWork(settings: String) throws {
        let place = try workplace(settings)
        try changeWeights(of: place.folder.appending(path: "wide/model.safetensors")) {
            $0["model.layers.1.mlp.up_proj.weight"]?[5] = .nan
        }
        let run = try instill("ingest", place.config)
        #expect(run.code == 65 && run.errors.contains("wide/model.safetensors"), "\(run.errors)")
        #expect(run.errors.contains("model.layers.1.mlp.up_proj.weight"), "\(run.errors)")
    }

    @Test func anExpertOfOtherTokensLendsItsWords() throws {
        let place = try workplace("expert: {model: wide}")
        let file = place.folder.appending(path: "wide/tokenizer.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "\"!\" : 33", with: "\"!!\" : 33").utf8).write(to: file)
        let run = try instill("run", place.config, "--quiet")
        #expect(run.code == 0, "\(run.errors)")
    }

    @Test func trainingRefusesTargetsOfAnotherTeacher() throws {
        let place = try workplace("")
        #expect(try instill("run", place.config, "--quiet").code == 0)
        try place.replaceInConfig("documents: documents", "documents: documents\nteacher: wide")
        let train = try instill("train", place.config)
        #expect(train.code == 66 && train.errors.contains("instill answers"), "\(train.errors)")
    }

    @Test(arguments: ["", "teacher: wide"])
    func theStudentWritesItsOwnAnswers(teacher: String) throws {
        let place = try workplace("\(teacher)\n\(Self.onPolicy)")
        let run = try instill("run", place.config, "--quiet")
        #expect(run.code == 0, "\(run.errors)")
        let without = try workplace(teacher)
        #expect(try instill("run", without.config, "--quiet").code == 0)
        #expect(try adapter(place) != adapter(without))
        let recorded = try #require(try recipe(.training, place)["onPolicy"] as? [String: Any])
        #expect(recorded["share"] as? Double == 0.5)
        let changed = try place.changed("share: 0.5", to: "share: 0")
        #expect(changed.errors.contains("onPolicy.share was 0.5, is not set"))
        #expect(try adapter(place) == adapter(without))
    }

    @Test func aStoppedTrainingWithTheStudentsAnswersEndsInTheSameBits() throws {
        func workplace() throws -> Workplace {
            let place = try self.workplace(Self.onPolicy)
            try place.replaceInConfig("epochs: 2", "epochs: 20, checkpointSeconds: 0")
            return place
        }
        let whole = try workplace()
        #expect(try instill("run", whole.config, "--quiet").code == 0)
        let cut = try workplace()
        let running = try RunningCommand(["run", cut.config, "--json"])
        while running.process.isRunning, !running.output.contains("\"loss") { usleep(5_000) }
        kill(running.process.processIdentifier, SIGKILL)
        _ = running.wait()
        #expect(try instill("run", cut.config, "--quiet").code == 0)
        #expect(try adapter(cut) == adapter(whole))
    }
}

extension Workplace {
    fileprivate func changed(_ old: String, to new: String) throws -> Finished {
        try replaceInConfig(old, new)
        return try instill("run", config)
    }
}
