// Recipes: the same settings are the same recipe, and what changed since the last use is named.

import Basics
import Foundation
import Store
import Testing

private struct Sampling: Encodable {
    var temperature = 1.0
    var topK: Int? = 50
}

private struct Settings: Encodable {
    var model = "tiny"
    var sampling = Sampling()
    var modules = ["q", "k"]
}

@Suite struct SettingsTests {
    let folder: TemporaryFolder
    let store: RunStore

    init() throws {
        folder = try TemporaryFolder()
        store = try RunStore(directory: folder.url)
    }

    @Test func theSameSettingsAreTheSameRecipeOfOneStage() throws {
        let first = try store.recordRecipe(stage: "questions", settings: Settings())
        #expect(try store.recordRecipe(stage: "questions", settings: Settings()) == first)
        #expect(try store.recordRecipe(stage: "answers", settings: Settings()) != first)
        #expect(try store.recipes(stage: "questions").map(\.key) == [first])
        #expect(try store.recipes().count == 2)
        let recipe = try #require(try store.recipe(first))
        #expect(recipe.settings == #"{"model":"tiny","modules":["q","k"],"sampling":{"temperature":1,"topK":50}}"#)
        #expect(abs(recipe.createdAt.timeIntervalSinceNow) < 60)
    }

    @Test func changesAreNamedWithBothValues() throws {
        #expect(try store.changes(stage: "questions", settings: Settings()) == [])
        _ = try store.recordRecipe(stage: "questions", settings: Settings())
        #expect(try store.changes(stage: "questions", settings: Settings()) == [])

        var new = Settings()
        new.sampling = Sampling(temperature: 0.7, topK: nil)
        new.modules.append("v")
        let changes = try store.changes(stage: "questions", settings: new)
        #expect(
            changes.map(\.description) == [
                #"questions.modules was ["q","k"], is ["q","k","v"]"#,
                "questions.sampling.temperature was 1, is 0.7",
                "questions.sampling.topK was 50, is not set",
            ])
    }

    @Test func changesAreThoseSinceTheLastUseNotTheLastNewRecipe() throws {
        let first = try store.recordRecipe(stage: "questions", settings: ["temperature": 1])
        _ = try store.recordRecipe(stage: "questions", settings: ["temperature": 2])
        #expect(try store.recordRecipe(stage: "questions", settings: ["temperature": 1]) == first)
        #expect(try store.changes(stage: "questions", settings: ["temperature": 1]) == [])
        #expect(try store.changes(stage: "questions", settings: ["temperature": 2]).map(\.old) == ["1"])
        #expect(try store.recipes(stage: "questions").first?.key == first)
    }

    @Test func settingsThatAreNoObjectOrNoNumberAreRefused() {
        #expect(throws: StoreError.settings(stage: "train", reason: "they are not a JSON object")) {
            try store.recordRecipe(stage: "train", settings: [1, 2])
        }
        #expect(throws: StoreError.settings(stage: "train", reason: "rate is nan")) {
            try store.recordRecipe(stage: "train", settings: ["rate": Double.nan])
        }
    }

    @Test func secondsAddUp() throws {
        let recipe = try store.recordRecipe(stage: "train", settings: ["rank": 64])
        try store.addSeconds(1.5, recipe: recipe)
        try store.addSeconds(2.25, recipe: recipe)
        _ = try store.recordRecipe(stage: "train", settings: ["rank": 64])
        #expect(try store.recipe(recipe)?.seconds == 3.75)
    }
}

@Suite struct ContentKeyTests {
    @Test func fieldsAreNotRunTogether() {
        #expect(ContentKey(of: "ab", "c") != ContentKey(of: "a", "bc"))
        #expect(ContentKey(of: "a", "") != ContentKey(of: "a"))
        #expect(ContentKey(of: "a", "b") == ContentKey(of: "a", "b"))
    }

    @Test func isTheFirstHalfOfSHA256() {
        // SHA-256 of eight zero bytes, the length of the one empty field.
        #expect(ContentKey(of: "").description == "af5570f5a1810b7af78caf4bc70a660f")
        // And of nothing.
        #expect(ContentKey().description == "e3b0c44298fc1c149afbf4c8996fb924")
    }

    @Test func readsWhatItWritesAndNothingElse() throws {
        let key = ContentKey(of: "question", "Ä")
        #expect(ContentKey(key.description) == key)
        #expect(try JSONDecoder().decode(ContentKey.self, from: JSONEncoder().encode(key)) == key)
        let hex = key.description
        for wrong in ["", "12", hex + "0", "+" + hex.dropFirst(), "g" + hex.dropFirst(), hex.dropLast(2) + "é"] {
            #expect(ContentKey(wrong) == nil)
        }
    }

    @Test func seedsDependOnRunAndKey() {
        let key = ContentKey(of: "a")
        #expect(key.seed(run: 1) == ContentKey(of: "a").seed(run: 1))
        #expect(key.seed(run: 1) != key.seed(run: 2))
        #expect(key.seed(run: 1) != ContentKey(of: "b").seed(run: 1))
    }
}
