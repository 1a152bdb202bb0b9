// What is said when the documents of a run change, and that ten thousand of them cost ten times a thousand.

import Basics
import Foundation
import Lineage
@testable import Store
import Testing

@Suite struct CorpusTests {
    let folder: TemporaryFolder
    let store: RunStore

    init() throws {
        folder = try TemporaryFolder()
        store = try RunStore(directory: folder.url)
    }

    @Test func changesAreCountedAndNamed() throws {
        let kept = makeDocument("kept", text: "Kept.")
        let renamed = makeDocument("old name", title: "Title", text: "The same words.")
        let first = [kept, makeDocument("edited", text: "Before."), makeDocument("gone", text: "Gone."), renamed]
        #expect(try store.replaceDocuments(first) == DocumentChanges(added: 4))
        #expect(try store.replaceDocuments(first) == DocumentChanges(unchanged: 4))

        let second = [
            makeDocument("new", text: "New."), kept, makeDocument("edited", text: "After."),
            makeDocument("copy", text: "Kept."), makeDocument("new name", title: "Title", text: "The same words."),
        ]
        #expect(
            try store.replaceDocuments(second)
                == DocumentChanges(added: 1, unchanged: 2, duplicates: 1, changed: ["edited"], removed: ["gone"]))
        var names: [String] = []
        try store.documents().forEach { names.append($0.name) }
        #expect(names == ["new", "kept", "edited", "new name"])
    }

    @Test func aLongDocumentOfWhichSomePassagesChangeIsChanged() throws {
        let parts = (0..<4).map { makeDocument("manual", part: $0, text: "Part \($0).") }
        _ = try store.replaceDocuments(parts.prefix(3))
        #expect(try store.replaceDocuments(parts) == DocumentChanges(unchanged: 3, changed: ["manual"]))
        #expect(try store.replaceDocuments(parts.prefix(2)) == DocumentChanges(unchanged: 2, changed: ["manual"]))
    }

    @Test func aDocumentThatComesBackFindsItsRows() throws {
        let recipe = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .questions)
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = makeQuestions(2, on: document, recipe: recipe)
        try store.finishUnit(UnitOfWork(recipe: recipe, key: "a"), questions: questions)

        _ = try store.replaceDocuments([makeDocument("b", text: "Other.")])
        #expect(try store.questionCount(recipe: recipe) == 0)
        #expect(try store.documents(named: "a") == [])
        _ = try store.replaceDocuments([document])
        #expect(try store.questionCount(recipe: recipe) == 2)
    }

    @Test func aCorpusIsReplacedWholeOrNotAtAll() throws {
        _ = try store.replaceDocuments([makeDocument("a", text: "Text.")])
        let bounded = try TemporaryFolder()
        let small = try RunStore(directory: bounded.url, access: .readWrite, maximumPageCount: 100)
        _ = try small.replaceDocuments(makeDocuments(3))
        #expect(throws: StoreError.diskFull(directory: bounded.url.path)) {
            try small.replaceDocuments(makeDocuments(100_000))
        }
        #expect(try small.documentCount() == 3)
        #expect(try small.replaceDocuments(makeDocuments(3)) == DocumentChanges(unchanged: 3))
    }

    /// Work is counted by SQLite itself, in virtual-machine steps a document: time would say something of the machine.
    @Test func workGrowsWithTheDocumentsAndNoFaster() throws {
        let small = try steps(documents: 1_000)
        let large = try steps(documents: 10_000)
        for (name, count) in large {
            let before = try #require(small[name])
            #expect(count < before * 11, "\(name): \(before) steps for 1,000 documents, \(count) for 10,000")
        }
    }

    private func steps(documents count: Int) throws -> [String: Int] {
        let folder = try TemporaryFolder()
        let store = try RunStore(directory: folder.url)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "count"), stage: .answers)
        var steps: [String: Int] = [:]
        steps["ingest"] = try store.countingSteps { _ = try store.replaceDocuments(makeDocuments(count)) }
        steps["ingest again"] = try store.countingSteps {
            let changes = try store.replaceDocuments(makeDocuments(count))
            #expect(changes == DocumentChanges(unchanged: count))
        }
        steps["find by name"] = try store.countingSteps {
            for index in 0..<count {
                let found = try store.documents(named: "doc\(index)")
                #expect(found.count == 1)
            }
        }
        steps["work"] = try store.countingSteps {
            var finished = 0
            try store.documents().forEach { document in
                guard try !store.isFinished(recipe: recipe, key: document.id.description) else { return }
                let questions = makeQuestions(2, on: document, recipe: recipe)
                let unit = UnitOfWork(recipe: recipe, key: document.id.description, counts: ["kept": 2])
                let answers = makeAnswers(to: questions, recipe: recipe)
                let targets = answers.map { answer in
                    TeacherTarget(answer: answer.id, recipe: recipe, place: .init(shard: "a", row: 0, count: 5))
                }
                finished +=
                    try store.finishUnit(unit, questions: questions, answers: answers, targets: targets) ? 1 : 0
            }
            #expect(finished == count)
        }
        steps["read for training"] = try store.countingSteps {
            var keys: [ContentKey] = []
            try store.trainingKeys(recipe: recipe, teacher: recipe).forEach { keys.append($0) }
            #expect(keys.count == 2 * count)
            for start in stride(from: 0, to: keys.count, by: 8) {
                let batch = Array(keys[start..<min(start + 8, keys.count)])
                let rows = try store.trainingAnswers(batch, teacher: recipe)
                #expect(rows.map(\.answer) == batch)
            }
        }
        steps["totals"] = try store.countingSteps {
            let counts = try store.totals(recipe: recipe)
            let answers = try store.answerTotals(recipe: recipe).answers
            #expect(counts == ["kept": 2 * count])
            #expect(answers == 2 * count)
        }
        return steps
    }
}
