// A process that is killed at any moment loses nothing that it committed and leaves nothing half done; a full disk
// stops a run and does it no harm.

import Basics
import Foundation
import Lineage
@testable import Store
import Testing

/// Works through the documents of a run, ten questions and answers a document, until killed.
private func work(in directory: URL) throws {
    let store = try RunStore(directory: directory)
    let recipe = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .answers)
    _ = try store.replaceDocuments(makeDocuments(1_000))
    try store.documents(pageSize: 16).forEach { document in
        guard try !store.isFinished(recipe: recipe, key: document.id.description) else { return }
        try finish(document, in: store, recipe: recipe)
        // What the process knows to be committed, told by a way of its own: one byte a unit, in order.
        let log = try FileHandle(forWritingTo: directory.appending(path: "committed"))
        try log.seekToEnd()
        try log.write(contentsOf: Data([1]))
        try log.close()
    }
}

private func finish(_ document: Document, in store: RunStore, recipe: ContentKey) throws {
    let questions = makeQuestions(10, on: document, recipe: recipe)
    let unit = UnitOfWork(recipe: recipe, key: document.id.description, counts: ["kept": 10])
    try store.finishUnit(unit, questions: questions, answers: makeAnswers(to: questions, recipe: recipe))
}

@Suite struct KillTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func killedAtFiftyRandomMomentsARunIsWhole() async throws {
        let run = folder.url
        let log = run.appending(path: "committed")
        try Data().write(to: log)
        var generator = SystemRandomNumberGenerator()
        var finishedBefore = 0
        for _ in 0..<50 {
            let microseconds = UInt32.random(in: 0..<150_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [run = run as URL, microseconds = microseconds as UInt32] in
                let killer = Thread {
                    usleep(microseconds)
                    kill(getpid(), SIGKILL)
                }
                killer.start()
                try work(in: run)
                // All work done before the moment came.
                kill(getpid(), SIGKILL)
            }
            let committed = try Data(contentsOf: log).count
            finishedBefore = try checkWhole(run, committed: committed, atLeast: finishedBefore)
        }
        #expect(finishedBefore > 0, "no process lived long enough to commit anything: the test has tested nothing")
        #expect(try integrity(RunStore.file(in: run)) == "ok")
    }

    /// Every finished unit has all its rows, once, and there are no rows without one. Returns how many are finished.
    private func checkWhole(_ run: URL, committed: Int, atLeast before: Int) throws -> Int {
        let store = try RunStore(directory: run)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .answers)
        var finished: Set<String> = []
        try store.finishedUnits(recipe: recipe).forEach { finished.insert($0.key) }
        // A process may die between its commit and its note of it, fifty times at most.
        #expect(finished.count >= committed && finished.count <= committed + 50)
        #expect(finished.count >= before)
        #expect(try [0, 1_000].contains(store.documentCount()))
        #expect(try store.questionCount(recipe: recipe) == 10 * finished.count)
        #expect(try store.answerTotals(recipe: recipe).answers == 10 * finished.count)
        try store.documents().forEach { document in
            guard finished.contains(document.id.description) else { return }
            let questions = makeQuestions(10, on: document, recipe: recipe)
            let found = try store.questions(document: document.id, recipe: recipe)
            #expect(found == questions)
        }
        return finished.count
    }

    @Test func aFullDiskEndsInASentenceAndKeepsEverything() throws {
        var finished = 0
        do {
            let store = try RunStore(directory: folder.url, access: .readWrite, maximumPageCount: 200)
            let recipe = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .answers)
            _ = try store.replaceDocuments(makeDocuments(1_000))
            let error = #expect(throws: StoreError.self) {
                try store.documents().forEach { document in
                    try finish(document, in: store, recipe: recipe)
                    finished += 1
                }
            }
            #expect(error == .diskFull(directory: folder.url.path))
            #expect(try #require(error).description.contains("everything so far is kept"))
            #expect(try store.totals(recipe: recipe) == ["kept": 10 * finished])
        }
        #expect(finished > 0)
        // With space again, the same work goes on where it stopped.
        let store = try RunStore(directory: folder.url)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .answers)
        #expect(try store.answerTotals(recipe: recipe).answers == 10 * finished)
        try store.documents().forEach { document in
            guard try !store.isFinished(recipe: recipe, key: document.id.description) else { return }
            try finish(document, in: store, recipe: recipe)
        }
        #expect(try store.answerTotals(recipe: recipe).answers == 10_000)
    }

    @Test func aUnitThatFailsLeavesNothing() throws {
        let store = try RunStore(directory: folder.url)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .answers)
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = makeQuestions(2, on: document, recipe: recipe)
        let stray = makeQuestions(1, on: makeDocument("not there", text: "None."), recipe: recipe)
        let unit = UnitOfWork(recipe: recipe, key: "a", counts: ["kept": 3])
        #expect(throws: StoreError.self) { try store.finishUnit(unit, questions: questions + stray) }
        #expect(try store.questionCount(recipe: recipe) == 0)
        #expect(try !store.isFinished(recipe: recipe, key: "a"))

        #expect(try store.finishUnit(unit, questions: questions))
        #expect(try store.isFinished(recipe: recipe, key: "a"))
        let others = [Question(document: document.id, recipe: recipe, position: 5, text: "Another?")]
        #expect(try !store.finishUnit(unit, questions: others))
        #expect(try store.questions(document: document.id, recipe: recipe) == questions)
        #expect(try store.totals(recipe: recipe) == ["kept": 3])
        var units: [UnitOfWork] = []
        try store.finishedUnits(recipe: recipe).forEach { units.append($0) }
        #expect(units == [unit])
    }
}
