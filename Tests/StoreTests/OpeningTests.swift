// Opening a run: who may, and what is said of a file that is not a run.

import Basics
import Foundation
import Lineage
@testable import Store
import Testing

@Suite struct OpeningTests {
    let folder: TemporaryFolder
    let run: URL

    init() throws {
        folder = try TemporaryFolder()
        run = folder.url.appending(path: "run")
    }

    @Test func opensAFolderThatIsNotThereAndOneThatIs() throws {
        _ = try RunStore(directory: run).replaceDocuments(makeDocuments(2))
        #expect(try RunStore(directory: run).documentCount() == 2)
    }

    @Test func aSecondOpeningIsRefusedNamingTheFirst() throws {
        let store = try RunStore(directory: run)
        let error = #expect(throws: StoreError.self) { try RunStore(directory: run) }
        guard case .locked(run.path, let holder?) = error else {
            Issue.record("not refused by name: \(String(describing: error))")
            return
        }
        #expect(holder.pid == ProcessInfo.processInfo.processIdentifier)
        #expect(abs(holder.since.timeIntervalSinceNow) < 60)
        #expect(holder.command == CommandLine.arguments.joined(separator: " "))
        let sentence = try #require(error).description
        #expect(sentence.contains("in use by process \(holder.pid) on \(holder.host) since "))
        withExtendedLifetime(store) {}
    }

    @Test func aSecondProcessIsRefusedNamingTheFirst() async throws {
        let store = try RunStore(directory: run)
        let pid = ProcessInfo.processInfo.processIdentifier
        await #expect(processExitsWith: .success) { [run = run as URL, pid = pid as Int32] in
            do {
                _ = try RunStore(directory: run)
            } catch StoreError.locked(_, let holder?) where holder.pid == pid {
                return
            }
            exit(1)
        }
        withExtendedLifetime(store) {}
    }

    @Test func theLockEndsWithTheProcessThatIsKilled() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [run = run as URL] in
            let store = try RunStore(directory: run)
            kill(getpid(), SIGKILL)
            withExtendedLifetime(store) {}
        }
        #expect(FileManager.default.fileExists(atPath: run.appending(path: "lock").path))
        #expect(try RunStore(directory: run).documentCount() == 0)
    }

    @Test func theLockEndsWithTheStore() throws {
        do { _ = try RunStore(directory: run) }
        _ = try RunStore(directory: run)
    }

    @Test func readersSeeWhatAWriterCommitsAndCannotWrite() throws {
        let writer = try RunStore(directory: run)
        let reader = try RunStore(directory: run, access: .readOnly)
        #expect(try reader.documentCount() == 0)
        _ = try writer.replaceDocuments(makeDocuments(3))
        #expect(try reader.documentCount() == 3)
        #expect(throws: StoreError.self) { try reader.replaceDocuments(makeDocuments(1)) }
        #expect(try writer.documentCount() == 3)
    }

    @Test func readingWhereThereIsNoRunSaysSoAndMakesNone() throws {
        #expect(throws: StoreError.noRun(directory: run.path)) { try RunStore(directory: run, access: .readOnly) }
        #expect(!FileManager.default.fileExists(atPath: run.path))
    }

    @Test func anEmptyFileBecomesARun() throws {
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        try Data().write(to: RunStore.file(in: run))
        #expect(throws: StoreError.noRun(directory: run.path)) { try RunStore(directory: run, access: .readOnly) }
        _ = try RunStore(directory: run).replaceDocuments(makeDocuments(1))
        #expect(try RunStore(directory: run, access: .readOnly).documentCount() == 1)
    }

    @Test func aFileWhoseMakingWasKilledBecomesARun() throws {
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        try killedTransaction(RunStore.file(in: run), "CREATE TABLE documents(id TEXT)")
        #expect(throws: StoreError.noRun(directory: run.path)) { try RunStore(directory: run, access: .readOnly) }
        _ = try RunStore(directory: run).replaceDocuments(makeDocuments(1))
        #expect(try RunStore(directory: run, access: .readOnly).documentCount() == 1)
    }

    @Test(arguments: [RunStore.Access.readWrite, .readOnly])
    func aFileThatIsNoDatabaseIsRefusedAndKept(access: RunStore.Access) throws {
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        let text = Data(String(repeating: "These are my notes. ", count: 100).utf8)
        try text.write(to: RunStore.file(in: run))
        #expect(throws: StoreError.notAStore(file: RunStore.file(in: run).path)) {
            try RunStore(directory: run, access: access)
        }
        #expect(try Data(contentsOf: RunStore.file(in: run)) == text)
    }

    @Test func anotherProgramsDatabaseIsRefusedAndKept() throws {
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        try sqlite(RunStore.file(in: run), "CREATE TABLE recipes(dish TEXT)")
        let before = try Data(contentsOf: RunStore.file(in: run))
        #expect(throws: StoreError.notAStore(file: RunStore.file(in: run).path)) { try RunStore(directory: run) }
        #expect(try Data(contentsOf: RunStore.file(in: run)) == before)
    }

    @Test func aStoreFromANewerVersionIsRefused() throws {
        _ = try RunStore(directory: run)
        try sqlite(RunStore.file(in: run), "INSERT INTO grdb_migrations VALUES ('of a later version')")
        #expect(throws: StoreError.newerVersion(file: RunStore.file(in: run).path)) { try RunStore(directory: run) }
    }

    /// A store as the first version left it.
    @Test func aStoreFromAnOlderVersionIsBroughtUpToDate() throws {
        let documents = Array(makeDocuments(1))
        let question = HeldOutQuestion(
            name: "q", document: documents[0].id, question: "Who?", golds: ["x"], source: "here")
        do {
            let store = try RunStore(directory: run)
            _ = try store.replaceDocuments(documents)
            try store.replaceHeldOutQuestions([question])
        }
        try sqlite(
            RunStore.file(in: run),
            """
            DROP TABLE measures;
            DROP TABLE choices;
            DROP INDEX endpointRepliesByRecipe;
            ALTER TABLE endpointReplies DROP COLUMN recipe;
            ALTER TABLE endpointReplies DROP COLUMN promptTokens;
            ALTER TABLE endpointReplies DROP COLUMN completionTokens;
            ALTER TABLE endpointReplies DROP COLUMN cost;
            ALTER TABLE questions DROP COLUMN secondDocument;
            ALTER TABLE heldOut DROP COLUMN context;
            DROP TABLE recipeParents;
            DROP TABLE rewrites;
            DELETE FROM grdb_migrations WHERE identifier IN ('2', '3', '4', '5');
            """)
        let store = try RunStore(directory: run, access: .readOnly)
        var kept: [HeldOutQuestion] = []
        try store.heldOutQuestions().forEach { kept.append($0) }
        #expect(kept == [question])
        #expect(kept.first?.context == [documents[0].id])
    }

    /// As the version before kept them: each recipe names those before it in its settings, and instructions nowhere.
    @Test func whatRecipesOfAnEarlierVersionRestOnIsFound() throws {
        let keys = ["questions", "answers", "instructions", "training", "evaluation"].map { ContentKey(of: $0) }
        do { _ = try RunStore(directory: run) }
        let recorded = [
            ("questions", #"{"seed":1}"#), ("answers", #"{"questions":"\#(keys[0])"}"#),
            ("regularisation", #"{"seed":1}"#),
            ("training", #"{"answers":"\#(keys[1])","regularisation":{"share":0.5}}"#),
            ("evaluation of distilled", #"{"adapter":"\#(keys[3])"}"#),
        ]
        let rows = zip(keys, recorded).enumerated().map { place, row in
            "('\(row.0)', '\(row.1.0)', '\(row.1.1)', '2026-01-31T09:30:00Z', \(place))"
        }
        try sqlite(
            RunStore.file(in: run),
            """
            DROP TABLE recipeParents;
            DROP TABLE rewrites;
            DELETE FROM grdb_migrations WHERE identifier = '5';
            INSERT INTO recipes(key, stage, settings, createdAt, lastUse) VALUES \(rows.joined(separator: ", "));
            """)
        let store = try RunStore(directory: run, access: .readOnly)
        let parents = try keys.map { try #require(try store.recipe($0)).parents }
        #expect(
            parents == [
                [:], [.questions: keys[0]], [:], [.answers: keys[1], .instructions: keys[2]], [.training: keys[3]],
            ])
    }

    @Test func aDamagedFileIsCalledThat() throws {
        do {
            let store = try RunStore(directory: run)
            _ = try store.replaceDocuments(makeDocuments(2_000))
        }
        // Everything behind the first pages, which hold the schema, is overwritten.
        let file = try FileHandle(forWritingTo: RunStore.file(in: run))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 40 * 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 40 * 4096))
        try file.close()
        let error = #expect(throws: StoreError.self) {
            try RunStore(directory: run).documents().forEach { _ in }
        }
        guard case .damaged(RunStore.file(in: run).path, _) = error else {
            Issue.record("not called damaged: \(String(describing: error))")
            return
        }
    }

    @Test func aFileInTheWayIsNamed() throws {
        try Data("x".utf8).write(to: run)
        let error = #expect(throws: StoreError.self) { try RunStore(directory: run) }
        guard case .notWritable(run.path, _) = error else {
            Issue.record("not called unwritable: \(String(describing: error))")
            return
        }
    }

    @Test func everyErrorIsASentenceThatNamesThePlace() {
        let errors: [StoreError] = [
            .locked(directory: "/r", holder: nil), .unlockable(directory: "/r", reason: "why"),
            .noRun(directory: "/r"), .notAStore(file: "/r"), .damaged(file: "/r", reason: "why"),
            .newerVersion(file: "/r"), .olderVersion(file: "/r"), .diskFull(directory: "/r"),
            .notWritable(directory: "/r", reason: "why"), .inputOutput(directory: "/r", reason: "why"),
            .database(operation: "Reading", directory: "/r", reason: "why"),
        ]
        for error in errors {
            #expect(error.description.contains("/r"))
            #expect(error.description.hasSuffix("."))
            #expect(!error.description.contains("\n"))
        }
    }
}
