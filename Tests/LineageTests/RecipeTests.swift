// Recipes' keys as the first version wrote them: rows are named by them, and what is drawn at random follows from the names.

import Basics
import Foundation
import Lineage
import Testing

@Suite struct RecipeTests {
    private let writer = "f9eca3bb3e8ffdd1f7223f76aab08b42"

    private func key(_ recipe: some StageRecipe, _ stage: StageID) throws -> String {
        ContentKey(of: "recipe", stage.rawValue, String(decoding: try recipe.canonicalJSON(), as: UTF8.self))
            .description
    }

    private func questions(_ configuration: RunConfiguration) -> QuestionsRecipe {
        QuestionsRecipe(
            writer: writer, precision: "bfloat16", systemMessage: configuration.systemMessage, seed: 1,
            settings: configuration.questions)
    }

    private func answers(_ configuration: RunConfiguration) throws -> AnswersRecipe {
        AnswersRecipe(
            questions: try #require(ContentKey("46b433ababcacca0cd5c4e4623893832")), writer: writer, teacher: writer,
            precision: "bfloat16", systemMessage: configuration.systemMessage, seed: 1,
            settings: configuration.answers)
    }

    @Test func questionsAndAnswersHaveTheKeysOfTheFirstVersion() throws {
        #expect(try key(questions(.small), .questions) == "46b433ababcacca0cd5c4e4623893832")
        #expect(try key(answers(.small), .answers) == "231f73e359d34b7569a7dbbbe73ec723")
    }

    @Test func settingsThatRowsDoNotDependOnLeaveTheKeysAsTheyAre() throws {
        var changed = RunConfiguration.small
        changed.questions.leakThreshold = 0.9
        changed.questions.dropsLeaks = true
        changed.questions.coverageBudget = 7
        #expect(try key(questions(changed), .questions) == key(questions(.small), .questions))
        // With a target there is something to spend the budget on.
        changed.questions.coverageTarget = 0.5
        #expect(try key(questions(changed), .questions) != key(questions(.small), .questions))
        changed = .small
        changed.answers.stepByStep = true
        #expect(try key(answers(changed), .answers) != key(answers(.small), .answers))
    }

    private func training(_ change: (inout RunConfiguration) -> Void = { _ in }) -> TrainingRecipe {
        var configuration = RunConfiguration.small
        change(&configuration)
        return TrainingRecipe(
            answers: nil, data: ContentKey(of: "data"), model: writer, precision: "float32",
            configuration: configuration, instructions: nil)
    }

    @Test func aTrainingsKeyHoldsWhatItsNumbersDependOnAlone() throws {
        let plain = try key(training(), .training)
        let same: [(inout RunConfiguration) -> Void] = [
            { $0.training.recomputesLayers = true }, { $0.training.checkpointSeconds = 1 },
            { $0.training.snapshotSeconds = [900] }, { $0.training.jensenShannonBeta = 0.3 },
            { $0.training.chunkTokens = 99 }, { $0.onPolicy.maximumTokens = 9 }, { $0.selection.temperature = 3 },
            { $0.regularisation.maximumTokens = 5 },
        ]
        for change in same { #expect(try key(training(change), .training) == plain) }
        let other: [(inout RunConfiguration) -> Void] = [
            { $0.training.rank = 8 }, { $0.training.temperature = 3 }, { $0.training.maximumTokensPerPass = 77 },
            { $0.training.seed = 2 }, { $0.training.divergence = .reverse }, { $0.onPolicy.share = 0.5 },
            { $0.selection.by = .initialKL },
        ]
        for change in other { #expect(try key(training(change), .training) != plain) }
    }

    @Test func changesHaveTheNamesOfTheConfiguration() throws {
        let changed = training {
            $0.training.rank = 8
            $0.training.epochs = 1
            $0.onPolicy.share = 0.5
        }
        let changes = try changed.changes(since: training())
        #expect(changes.map(\.description).contains("training.rank was 64, is 8"))
        #expect(changes.map(\.description).contains("training.epochs was 4, is 1"))
        #expect(changes.map(\.name).contains("onPolicy.share"))
        #expect(!changes.contains { $0.name.contains("data") || $0.name.contains("answers") })
    }
}

@Suite struct EvaluationConditionTests {
    @Test func namesAreReadBack() {
        let subjects: [EvaluationCondition.Subject] = [
            .base, .distilled, .adapter("pd@900.5s-1"), .adapter("sft_training.rank_8-2"),
        ]
        for subject in subjects {
            for book in EvaluationCondition.Book.all {
                let condition = EvaluationCondition(subject: subject, book: book)
                #expect(EvaluationCondition(name: condition.name) == condition)
            }
        }
        #expect(EvaluationCondition.Book.all.count == 8)
        for name in ["", "base", "base.", "base.library", "closed_book"] {
            #expect(EvaluationCondition(name: name) == nil)
        }
    }

    @Test func onlyRetrieversAreStagesOfTheirOwn() {
        let closed = EvaluationCondition(subject: .base, book: .closed)
        let oracle = EvaluationCondition(subject: .base, book: .oracle)
        let found = EvaluationCondition(subject: .base, book: .retrieved(.bm25, .teacher))
        #expect(StageID.evaluation(of: closed).rawValue == "evaluation of base")
        #expect(StageID.evaluation(of: closed) == StageID.evaluation(of: oracle))
        #expect(StageID.evaluation(of: found).rawValue == "evaluation of base with bm25_teacher")
    }
}
