// A run that asks with retrieved documents too: what it shows, and what it refuses.

import Foundation
import Testing

@Suite struct RetrievalRunTests {
    /// Okapi BM25 tells no document from another by words that half of them have: two documents are too few.
    private func place(_ settings: String) throws -> Workplace {
        let place = try Workplace(settings)
        for name in ["Fen", "Moss", "Gorse"] {
            try place.write("\(name) grows by the road.\n", to: "documents/\(name).txt")
        }
        return place
    }

    @Test func heldOutQuestionsAreAskedWithWhatIsFound() throws {
        let place = try place("retrieval: {methods: [bm25], topK: 1}")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains("bm25"))
        #expect(run.output.contains("The question's own document was retrieved: bm25 100 %"))
        let data = try Data(contentsOf: place.folder.appending(path: "out/summary.json"))
        let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for model in ["base", "distilled"] {
            let scores = try #require(summary[model] as? [String: Any])
            let bm25 = try #require((scores["retrieved"] as? [String: Any])?["bm25"] as? [String: Any])
            #expect(bm25["recall"] as? Double == 1 && bm25["share"] is NSNumber)
        }
        let page = place.path("page.html")
        let report = try instill("report", place.output, "--output", page)
        #expect(report.code == 0, "\(report.errors)")
        let json = try Data(contentsOf: URL(fileURLWithPath: place.path("page.json")))
        let figures = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        let recall = try #require(figures["recall"] as? [[String: Any]])
        #expect(recall.map { $0["retriever"] as? String } == ["BM25"] && recall.first?["k"] as? Int == 1)
        let conditions = try #require(figures["conditions"] as? [[String: Any]])
        #expect(conditions.map { $0["name"] as? String } == ["closed_book", "bm25", "oracle"])
    }

    @Test func documentsThatWereFoundAreAskedWithInEachOfTheWords() throws {
        let place = try place("retrieval: {methods: [bm25], topK: 1, prompts: [passages, teacher]}")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains("The question's own document was retrieved: bm25 100 %, bm25_teacher 100 %"))
        let lines = try String(contentsOf: place.folder.appending(path: "out/replies.jsonl"), encoding: .utf8)
        for line in lines.split(separator: "\n") {
            let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let said = try #require(row["replies"] as? [String: Any])
            #expect(Set(["base.bm25", "base.bm25_teacher", "distilled.bm25_teacher"]).isSubset(of: said.keys))
        }
        let without = try Workplace("retrieval: {methods: [bm25], prompts: []}")
        let refused = try instill("run", without.config)
        #expect(refused.code != 0 && refused.errors.contains("retrieval.prompts"), "\(refused.errors)")
        let twice = try Workplace("retrieval: {methods: [bm25], prompts: [teacher, teacher]}")
        let again = try instill("run", twice.config)
        #expect(again.code != 0 && again.errors.contains(#"["teacher", "teacher"]"#), "\(again.errors)")
    }

    @Test func aNewDocumentIsFoundInTheNextRun() throws {
        let place = try Workplace("retrieval: {methods: [bm25], topK: 2}")
        #expect(try instill("run", place.config).code == 0)
        try place.write("Tarn Hill is a hill behind the village.\n", to: "documents/tarn.txt")
        let again = try instill("run", place.config, "--json")
        #expect(again.code == 0, "\(again.errors)")
        let asked = try again.events.filter {
            $0["event"] as? String == "advanced" && $0["stage"] as? String == "evaluate"
        }
        #expect(asked.contains { $0["detail"] as? String == "base.bm25" }, "other documents, other replies")
        #expect(!asked.contains { $0["detail"] as? String == "base.closed_book" })
    }

    @Test func whatCannotBeRetrievedWithIsNamed() throws {
        let place = try Workplace("retrieval: {methods: [endpoint]}")
        let run = try instill("run", place.config)
        #expect(run.code != 0 && run.errors.contains("retrieval.endpoint.baseURL"))
        let other = try Workplace("retrieval: {methods: [bm52]}")
        let typo = try instill("run", other.config)
        #expect(typo.code == 64 && typo.errors.contains("retrieval.methods[0] is \"bm52\""), "\(typo.errors)")
    }
}
