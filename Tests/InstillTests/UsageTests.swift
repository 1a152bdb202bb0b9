// What the command says about itself, and what it says of a command that cannot be.

import Foundation
import Store
import Testing

@Suite struct UsageTests {
    @Test func helpNamesEveryCommandAndExitCode() throws {
        let help = try instill("--help")
        #expect(help.code == 0)
        #expect(help.errors.isEmpty)
        for word in UsageTests.commands + ["130", "75"] {
            #expect(help.output.contains(word))
        }
    }

    private static let commands = [
        "run", "ingest", "questions", "answers", "train", "evaluate", "grade", "forgetting", "report", "chat",
        "settings", "doctor",
    ]

    @Test(arguments: commands)
    func everyCommandHasAnExample(_ command: String) throws {
        let help = try instill(command, "--help")
        #expect(help.code == 0)
        #expect(help.output.contains("Example:\n  instill \(command) "))
    }

    @Test func versionIsANumber() throws {
        let version = try instill("--version")
        #expect(version.code == 0)
        #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test func settingsAreListedForATerminalAndForPrograms() throws {
        let all = try instill("settings")
        #expect(all.code == 0)
        let rankLines = "  rank                   1024           64\n      Rank of the LoRA adapter. [a whole"
        #expect(all.output.contains(rankLines))
        #expect(all.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let rank = try #require(try instill("settings", "training.rank", "--json").events.first)
        #expect(
            rank["name"] as? String == "training.rank" && rank["default"] as? Int == 1024 && rank["small"] as? Int == 64
        )
        let unknown = try instill("settings", "trainig")
        #expect(unknown.code == 64 && unknown.errors.contains("did you mean \"training\"?"))
    }

    @Test func unknownOptionsAndCommandsAreUsageErrors() throws {
        for arguments in [
            ["run", "--modle", "x"], ["runn"], ["train", "--resume", "--from-scratch"], ["chat", "--both"],
        ] {
            let refused = try RunningCommand(arguments).wait()
            #expect(refused.code == 64, "\(arguments)")
            #expect(refused.errors.hasPrefix("instill: "))
            #expect(refused.output.isEmpty)
        }
    }
}

@Suite struct RefusalTests {
    private let place: Workplace

    init() throws { place = try Workplace() }

    private func expect(_ finished: Finished, _ code: Int32, _ words: String...) {
        #expect(finished.code == code)
        let line = finished.errors.split(separator: "\n").last ?? ""
        #expect(line.hasPrefix("instill: "))
        for word in words { #expect(line.contains(word), "\(finished.errors)") }
    }

    @Test func unknownSettingSuggestsTheNearest() throws {
        try place.write("trainnig: {rank: 4}\n", to: "typo.yaml")
        expect(
            try instill("run", place.path("typo.yaml"), "--model", place.path("model")), 64, "trainnig", "\"training\"")
    }

    @Test func brokenYAML() throws {
        try place.write("model: [\n", to: "broken.yaml")
        expect(try instill("run", place.path("broken.yaml")), 64, "broken.yaml")
    }

    @Test func valueThatCannotBe() throws {
        let place = try Workplace("maximumPassageTokens: 3")
        expect(try instill("run", place.config), 64, "maximumPassageTokens", "3")
    }

    @Test func unknownPreset() throws {
        try place.write("preset: huge\n", to: "preset.yaml")
        expect(try instill("run", place.path("preset.yaml")), 64, "huge", "small")
    }

    @Test func missingConfiguration() throws {
        expect(try instill("run", place.path("none.yaml")), 66, "none.yaml")
    }

    @Test func missingModel() throws {
        expect(try instill("run", place.config, "--model", place.path("nowhere")), 66, place.path("nowhere"))
    }

    @Test func missingDocuments() throws {
        expect(try instill("run", place.config, "--documents", place.path("nowhere")), 66, place.path("nowhere"))
    }

    @Test func emptyFolder() throws {
        try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
        expect(try instill("run", place.config, "--documents", place.path("empty")), 66, "no documents")
    }

    @Test func missingOutput() throws {
        let refused = try instill("run", "--documents", place.path("documents"), "--model", place.path("model"))
        expect(refused, 64, "--output")
    }

    @Test(arguments: ["run", "train", "chat"])
    func deviceThatIsNone(_ command: String) throws {
        let refused = try instill(command, "--output", place.output, "--device", "tpu")
        #expect(refused.code == 64)
        for word in ["tpu", "cpu, cuda, or cuda:1"] { #expect(refused.errors.contains(word), "\(refused.errors)") }
    }

    @Test func deviceThatIsNoneInTheConfiguration() throws {
        let place = try Workplace("device: cuda:x")
        expect(try instill("run", place.config), 64, "device", "cuda:x", "cuda:1")
    }

    /// A number that no machine has, so that the test is the same with and without cards.
    @Test func deviceThatIsNotThere() throws {
        expect(try instill("run", place.config, "--device", "cuda:100"), 69, "device")
        expect(
            try instill("chat", "--model", place.path("model"), "--device", "cuda:100", "--question", "Why?"), 69,
            "device")
    }

    @Test func deviceThatIsNotThereInTheConfiguration() throws {
        let place = try Workplace("device: cuda:100")
        expect(try instill("run", place.config), 69, "device")
    }

    @Test func stageOfNoRun() throws {
        expect(try instill("train", "--output", place.path("nowhere")), 66, place.path("nowhere"))
        #expect(!FileManager.default.fileExists(atPath: place.path("nowhere")))
        expect(try instill("train"), 64, "--output")
    }

    @Test func stageBeforeTheOneItRestsOn() throws {
        expect(try instill("train", place.config), 66, "instill answers")
    }

    @Test func outputThatIsAFile() throws {
        expect(try instill("run", place.config, "--output", place.path("config.yaml")), 73, "config.yaml")
    }

    @Test func runOfAnotherProcess() throws {
        let store = try RunStore(directory: URL(fileURLWithPath: place.output))
        defer { withExtendedLifetime(store) {} }
        let own = ProcessInfo.processInfo.processIdentifier
        expect(try instill("run", place.config), 75, "process \(own)")
    }

    @Test func errorsAreEventsToo() throws {
        let refused = try instill("run", place.config, "--json", "--model", place.path("nowhere"))
        #expect(refused.code == 66)
        let last = try #require(try refused.events.last)
        #expect(last["event"] as? String == "error")
        #expect(last["exit_code"] as? Int == 66)
    }
}
