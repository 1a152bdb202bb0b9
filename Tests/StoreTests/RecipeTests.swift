// Recipes: the same settings are the same recipe, whatever version recorded it; what changed since the last use is named; and
// what rests on what is kept.

import Basics
import Foundation
import Lineage
import Store
import Testing

/// A stage's recipe; `stepByStep` came later than the first version, and rows never depended on `parallelism`, which that wrote.
private struct TestRecipe: StageRecipe {
    static let section = "answers"
    static let inputs: Set<String> = ["questions"]

    var questions: ContentKey?
    var model = "tiny"
    var settings = Sampling()
    var modules = ["q", "k"]
    var stepByStep: Bool?

    struct Sampling: Codable {
        var temperature = 1.0
        var topK: Int? = 50
    }

    var parents: [ParentRole: ContentKey] { questions.map { [.questions: $0] } ?? [:] }
}

@Suite struct RecipeTests {
    let folder: TemporaryFolder
    let store: RunStore

    init() throws {
        folder = try TemporaryFolder()
        store = try RunStore(directory: folder.url)
    }

    @Test func theSameSettingsAreTheSameRecipeOfOneStage() throws {
        let first = try store.recordRecipe(TestRecipe(), stage: .questions)
        #expect(try store.recordRecipe(TestRecipe(), stage: .questions) == first)
        #expect(try store.recordRecipe(TestRecipe(), stage: .answers) != first)
        #expect(try store.recipes(stage: .questions).map(\.key) == [first])
        #expect(try store.recipes().count == 2)
        let recipe = try #require(try store.recipe(first))
        #expect(recipe.settings == #"{"model":"tiny","modules":["q","k"],"settings":{"temperature":1,"topK":50}}"#)
        #expect(abs(recipe.createdAt.timeIntervalSinceNow) < 60)
        #expect(recipe.decoded(TestRecipe.self)?.settings.topK == 50)
        #expect(recipe.decoded(AnswersRecipe.self) == nil)
    }

    @Test func whatAnEarlierVersionRecordedWithMoreWordsKeepsItsKey() throws {
        let earlier = ContentKey(of: "recipe of an earlier version")
        let settings = #"{"model":"tiny","modules":["q","k"],"parallelism":8,"settings":{"temperature":1,"topK":50}}"#
        try sqlite(
            folder.url.appending(path: "run.sqlite"),
            """
            INSERT INTO recipes(key, stage, settings, createdAt, lastUse)
            VALUES ('\(earlier)', 'answers', '\(settings)', '2026-01-31T09:30:00Z', 1)
            """)
        #expect(try store.changes(to: TestRecipe(), stage: .answers) == [])
        #expect(try store.recordRecipe(TestRecipe(), stage: .answers) == earlier)
        #expect(try store.recordRecipe(TestRecipe(model: "large"), stage: .answers) != earlier)
    }

    /// What an earlier version told apart by settings that rows do not depend on is one recipe now: that whose rows are wanted.
    @Test func ofRecipesThatMeanTheSameTheWantedOneIsTaken() throws {
        let keys = [4, 8, 16].map { ContentKey(of: "recipe \($0)") }
        for (use, key) in keys.enumerated() {
            let settings =
                #"{"model":"tiny","modules":["q","k"],"parallelism":\#(use),"settings":{"temperature":1,"topK":50}}"#
            try sqlite(
                folder.url.appending(path: "run.sqlite"),
                """
                INSERT INTO recipes(key, stage, settings, createdAt, lastUse)
                VALUES ('\(key)', 'answers', '\(settings)', '2026-01-31T09:30:00Z', \(use))
                """)
        }
        #expect(try store.recordRecipe(TestRecipe(), stage: .answers, preferring: keys[0]) == keys[0])
        #expect(try store.recordRecipe(TestRecipe(), stage: .answers, preferring: ContentKey(of: "none")) == keys[0])
    }

    @Test func changesAreNamedWithBothValues() throws {
        #expect(try store.changes(to: TestRecipe(), stage: .answers) == [])
        _ = try store.recordRecipe(TestRecipe(), stage: .answers)
        #expect(try store.changes(to: TestRecipe(), stage: .answers) == [])

        var new = TestRecipe(questions: ContentKey(of: "others"))
        new.settings = TestRecipe.Sampling(temperature: 0.7, topK: nil)
        new.modules.append("v")
        let changes = try store.changes(to: new, stage: .answers)
        #expect(
            changes.map(\.description) == [
                #"answers.modules was ["q","k"], is ["q","k","v"]"#, "answers.temperature was 1, is 0.7",
                "answers.topK was 50, is not set",
            ])
    }

    @Test func changesAreThoseSinceTheLastUseNotTheLastNewRecipe() throws {
        let first = try store.recordRecipe(TestRecipe(model: "a"), stage: .answers)
        _ = try store.recordRecipe(TestRecipe(model: "b"), stage: .answers)
        #expect(try store.recordRecipe(TestRecipe(model: "a"), stage: .answers) == first)
        #expect(try store.changes(to: TestRecipe(model: "a"), stage: .answers) == [])
        #expect(try store.changes(to: TestRecipe(model: "b"), stage: .answers).map(\.old) == ["\"a\""])
        #expect(try store.recipes(stage: .answers).first?.key == first)
    }

    @Test func settingsThatAreNoNumberAreRefused() {
        #expect(throws: StoreError.settings(stage: "training", reason: "settings.temperature is nan")) {
            try store.recordRecipe(TestRecipe(settings: .init(temperature: .nan)), stage: .training)
        }
    }

    @Test func whatARecipeRestsOnIsKept() throws {
        let questions = try store.recordRecipe(TestRecipe(), stage: .questions)
        let key = try store.recordRecipe(TestRecipe(questions: questions), stage: .answers)
        let answers = try #require(try store.recipe(key))
        #expect(answers.parents == [.questions: questions])
        #expect(try store.parent(.questions, of: answers)?.key == questions)
        #expect(try store.parent(.training, of: answers) == nil)
    }

    @Test func secondsAddUp() throws {
        let recipe = try store.recordRecipe(TestRecipe(), stage: .training)
        try store.addSeconds(1.5, recipe: recipe)
        try store.addSeconds(2.25, recipe: recipe)
        _ = try store.recordRecipe(TestRecipe(), stage: .training)
        #expect(try store.recipe(recipe)?.seconds == 3.75)
    }
}
