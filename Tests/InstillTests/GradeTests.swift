// Grades of a run: by a judge behind an endpoint that answers, fails or is never in form, by a local one, and by a person.

import Foundation
import Lineage
import Statistics
import Store
import TestSupport
import Testing

/// A finished run with two held-out questions under four conditions, so with eight replies.
private func finishedRun(_ settings: String = "") throws -> Workplace {
    let place = try Workplace("generationBatchSize: 2\n" + settings)
    let run = try instill("run", place.config, "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    return place
}

extension Workplace {
    /// Makes an endpoint the judge, one request at a time and each once.
    fileprivate static func judge(of output: String, at url: String) throws {
        let file = URL(fileURLWithPath: output + "/configuration.json")
        let saved = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        var configuration = try #require(saved as? [String: Any])
        var judge = try #require(configuration["judge"] as? [String: Any])
        judge["endpoint"] = [
            "baseURL": url, "model": "wise", "apiKeyVariable": "INSTILL_TEST_NO_KEY", "parallelism": 1,
            "maximumAttempts": 1,
        ]
        configuration["judge"] = judge
        try JSONSerialization.data(withJSONObject: configuration).write(to: file)
    }
}

extension Finished {
    /// The scores and agreements that `--json` ends with.
    fileprivate func graded() throws -> (scores: [[String: Any]], agreements: [[String: Any]]) {
        let summary = try #require(try events.last?["summary"] as? [String: Any], "\(output) \(errors)")
        return (
            try #require(summary["scores"] as? [[String: Any]]), try #require(summary["agreements"] as? [[String: Any]])
        )
    }

    /// A number of a grader's scores, summed over the conditions.
    fileprivate func total(_ number: String, of grader: String) throws -> Int {
        try graded().scores.filter { $0["grader"] as? String == grader }.reduce(0) { $0 + ($1[number] as? Int ?? 0) }
    }
}

@Suite(.timeLimit(.minutes(10))) struct JudgedRunTests {
    private static func judgement(_ grade: String) throws -> ServedResponse {
        try .reply("<reasoning>Because.</reasoning>\n<grade>\(grade)</grade>")
    }

    @Test func anEndpointGradesEveryReplyOnce() async throws {
        let place = try finishedRun()
        let (output, asked) = (place.output, Counter())
        let (first, second) = try await withServer { request in
            // The first judgement is not in form and comes again; every fourth of the others finds the reply right.
            let number = asked.next()
            return try number == 0 ? .reply("Hm.") : Self.judgement(number % 4 == 1 ? "true" : "false")
        } _: { url in
            try Workplace.judge(of: output, at: url)
            let arguments = ["grade", "--output", output, "--judge", "endpoint", "--json"]
            return (try await instillAside(arguments), try await instillAside(arguments))
        }
        #expect(first.code == 0, "\(first.errors)")
        #expect(asked.value == 9)
        #expect(try first.total("total", of: "wise") == 8 && first.total("total", of: "substring") == 8)
        #expect(try first.total("correct", of: "wise") == 2 && first.total("unparsed", of: "wise") == 0)
        #expect(try first.total("total", of: "whole words") == 8)
        let agreements = try first.graded().agreements
        let pairs = agreements.map { [$0["first"] as? String, $0["second"] as? String] }
        #expect(pairs == [["whole words", "substring"], ["whole words", "wise"], ["substring", "wise"]])
        #expect(agreements.allSatisfy { $0["total"] as? Int == 8 })
        #expect(try first.events.contains { $0["event"] as? String == "advanced" && $0["done"] as? Int == 2 })
        #expect(second.code == 0, "\(second.errors)")
        #expect(second.output.split(separator: "\n").last == first.output.split(separator: "\n").last)
        withExtendedLifetime(place) {}
    }

    @Test func whatADyingEndpointSaidIsKept() async throws {
        let place = try finishedRun()
        let (output, asked) = (place.output, Counter())
        let arguments = ["grade", "--output", output, "--judge", "endpoint", "--json"]
        let (dead, alive) = try await withServer { _ in
            try asked.next() == 3 ? .error(401, "no credit") : Self.judgement("true")
        } _: { url in
            try Workplace.judge(of: output, at: url)
            return (try await instillAside(arguments), try await instillAside(arguments))
        }
        #expect(dead.code == 69)
        #expect(dead.errors.contains("no credit") && dead.errors.contains("run the same command again"))
        #expect(alive.code == 0, "\(alive.errors)")
        #expect(try alive.total("correct", of: "wise") == 8)
        // Eight, and the one that was refused.
        #expect(asked.value == 9)
        withExtendedLifetime(place) {}
    }

    @Test func aKillLosesAtMostABatch() async throws {
        let place = try finishedRun()
        let (output, asked) = (place.output, Counter())
        let arguments = ["grade", "--output", output, "--judge", "endpoint", "--json"]
        let resumed = try await withServer { _ in
            // The sixth reply never comes, the first time.
            asked.next() == 5 ? .bytes("") : try Self.judgement("false")
        } _: { url in
            try Workplace.judge(of: output, at: url)
            let command = try RunningCommand(arguments)
            while asked.value < 6 { try await Task.sleep(for: .milliseconds(5)) }
            kill(command.process.processIdentifier, SIGKILL)
            #expect(command.wait().code == 1000 + SIGKILL)
            return try await instillAside(arguments)
        }
        #expect(resumed.code == 0, "\(resumed.errors)")
        let started = try #require(try resumed.events.first { $0["event"] as? String == "started" })
        #expect(started["done"] as? Int == 4 && started["total"] as? Int == 8)
        #expect(try resumed.total("correct", of: "wise") == 0 && resumed.total("total", of: "wise") == 8)
        // The fifth reply was kept from a batch that was not finished; only the sixth was asked for again.
        #expect(asked.value == 9)
        withExtendedLifetime(place) {}
    }

    @Test func aJudgeThatIsNeverInFormEndsInASentence() async throws {
        let place = try finishedRun()
        let (output, asked) = (place.output, Counter())
        let refused = try await withServer { _ in
            asked.next()
            return try .reply("I would say it is true.")
        } _: { url in
            try Workplace.judge(of: output, at: url)
            return try await instillAside(["grade", "--output", output, "--judge", "endpoint"])
        }
        #expect(refused.code == 65)
        #expect(refused.errors.contains("wise gave none of 8 replies a grade that can be read, asked 3 times each"))
        #expect(asked.value == 24)
        let store = try RunStore(directory: URL(fileURLWithPath: output), access: .readOnly)
        let recipe = try #require(try store.recipes(stage: .judge).first).key
        let evaluation = try #require(
            try store.recipes(stage: .evaluation(of: EvaluationCondition(subject: .base, book: .closed))).first
        ).key
        let kept = try store.grades(
            recipe: recipe, replies: evaluation, condition: EvaluationCondition(subject: .base, book: .oracle))
        #expect(kept.count == 2)
        #expect(kept.values.allSatisfy { $0.verdict == .unparsed && $0.reasoning == "I would say it is true." })
        withExtendedLifetime(place) {}
    }

    @Test func aLocalJudgeIsAskedAndItsContextHeeded() throws {
        let place = try finishedRun("judge: {maximumTokens: 8, attempts: 2}")
        try TinyModel.write(to: place.folder.appending(path: "shorter"), seed: 3, contextLength: 1024)
        let short = try instill("grade", "--output", place.output, "--judge", place.path("shorter"))
        #expect(short.code == 65)
        #expect(short.errors.contains("None of 8 replies fits the context of shorter"), "\(short.errors)")
        let unreadable = try instill("grade", "--output", place.output, "--judge", "base")
        #expect(unreadable.code == 65)
        #expect(unreadable.errors.contains("model gave none of 8 replies"), "\(unreadable.errors)")
        let missing = try instill("grade", "--output", place.output, "--judge", place.path("nowhere"))
        #expect(missing.code == 66)
        let nowhere = try instill("grade", "--output", place.output, "--judge", "endpoint")
        #expect(nowhere.code == 64 && nowhere.errors.contains("judge.endpoint.baseURL"), "\(nowhere.errors)")
    }

    @Test func whatCannotBeGradedIsSaid() throws {
        let place = try Workplace()
        #expect(try instill("ingest", place.config).code == 0)
        let early = try instill("grade", "--output", place.output)
        #expect(early.code == 66 && early.errors.contains("instill evaluate"), "\(early.errors)")
        #expect(try instill("grade", "--output", place.output, "--export", "-").code == 66)
    }
}

@Suite struct HandGradingTests {
    @Test func aPersonsGradesComeBackAndAreComparedWithTheOthers() throws {
        let place = try finishedRun()
        let file = place.path("sheet.csv")
        #expect(try instill("grade", "--output", place.output, "--export", file).code == 0)
        let lines = try String(contentsOfFile: file, encoding: .utf8).replacing("\r\n", with: "\n").split(
            separator: "\n")
        #expect(lines.count == 9)
        // A spreadsheet's own way of writing it, with five rows filled in; the replies are left out, their ids are enough.
        let ids = lines.dropFirst().compactMap { $0.split(separator: ",").first }
        let rows = ids.enumerated().map { "\($1);\($0 < 5 ? ($0 % 2 == 0 ? "true" : "false") : "");sure" }
        try place.write("\u{FEFF}id;grade;note\r\n" + rows.joined(separator: "\r\n"), to: "filled.csv")
        let filled = place.path("filled.csv")
        let imported = try instill(
            "grade", "--output", place.output, "--import", filled, "--grader", "Anna", "--json")
        #expect(imported.code == 0, "\(imported.errors)")
        #expect(try imported.total("total", of: "Anna") == 5 && imported.total("correct", of: "Anna") == 3)
        let agreement = try #require(
            try imported.graded().agreements.first {
                $0["first"] as? String == "whole words" && $0["second"] as? String == "Anna"
            })
        #expect(agreement["second"] as? String == "Anna" && agreement["total"] as? Int == 5)
        // A changed mind replaces the grade; a second person stands beside the first.
        try place.write("id,grade\n\(ids[0]),no\n", to: "again.csv")
        let again = try instill(
            "grade", "--output", place.output, "--import", place.path("again.csv"), "--grader", "Anna", "--json")
        #expect(try again.total("total", of: "Anna") == 5 && again.total("correct", of: "Anna") == 2)
        let other = try instill("grade", "--output", place.output, "--import", filled, "--grader", "Ben")
        #expect(other.code == 0 && other.output.contains("Anna and Ben agree on 80.0 %"), "\(other.output)")
        let sheet = try instill("grade", "--output", place.output, "--export", "-", "--grader", "Ben")
        #expect(sheet.output.components(separatedBy: ",true,sure").count == 4)
    }

    @Test func whatCannotBeImportedIsNamedAndNothingOfItTaken() throws {
        let place = try finishedRun()
        let file = place.path("sheet.csv")
        func imported(_ text: String, by grader: String = "Anna") throws -> Finished {
            try place.write(text, to: "sheet.csv")
            return try instill("grade", "--output", place.output, "--import", file, "--grader", grader)
        }
        let sheet = try instill("grade", "--output", place.output, "--export", "-").output
        let id = try #require(sheet.split(separator: "\r\n").dropFirst().first?.split(separator: ",").first)
        let bad = try imported("id,grade\n\(id),true\n\(id.dropLast()),true\n")
        #expect(bad.code == 65 && bad.errors.contains("line 3: there is no reply"), "\(bad.errors)")
        let none = try imported("id,grade\n")
        #expect(none.code == 0 && !none.output.contains("Anna"), "\(none.output)")
        #expect(try imported("id,grade\n\(id),true\n", by: "substring").code == 64)
        #expect(try imported("id,grade\n\(id),true\n", by: "whole words").code == 64)
        #expect(try imported("id,grade\n\(id),true\n", by: " ").code == 64)
        #expect(try instill("grade", "--output", place.output, "--import", file).code == 64)
        #expect(try instill("grade", "--output", place.output, "--grader", "Anna").code == 64)
    }
}
