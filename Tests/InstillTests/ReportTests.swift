// The report command on a real run of the tiny model.

import Foundation
import Testing

@Suite struct ReportTests {
    @Test func aRunBecomesFilesThatOpenAlone() throws {
        let place = try Workplace()
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let report = try instill("report", place.output, "--output", place.path("made/page.html"))
        #expect(report.code == 0, "\(report.errors)")
        let names = ["page.html", "page.json", "page.csv", "page-replies.csv"]
        #expect(report.output == names.map { place.path("made/\($0)") + "\n" }.joined())
        let page = try String(contentsOfFile: place.path("made/page.html"), encoding: .utf8)
        #expect(page.contains("Who heads the village of Orrin?") && page.contains("<td>"))
        let json = try Data(contentsOf: URL(fileURLWithPath: place.path("made/page.json")))
        let figures = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect((figures["accuracies"] as? [Any])?.count == 8)
        #expect((figures["curves"] as? [Any])?.isEmpty == false)

        let seeds = try instill(
            "report", "pd=\(place.output)", "again=\(place.output)", "--output", place.path("two.html"))
        #expect(seeds.code == 0, "\(seeds.errors)")
        let two = try String(contentsOfFile: place.path("two.csv"), encoding: .utf8)
        #expect(two.contains("accuracy,again,oracle") && two.contains("accuracy,Base".lowercased()))
    }

    @Test func curvesForTensorBoard() throws {
        let place = try Workplace()
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let curves = try instill("report", "mine=\(place.output)", "--tensorboard", place.path("curves"))
        #expect(curves.code == 0, "\(curves.errors)")
        #expect(curves.output == place.path("curves/mine") + "\n")
        #expect(!FileManager.default.fileExists(atPath: place.path("report.html")))
        let lines = try String(contentsOfFile: place.path("curves/mine/curves.jsonl"), encoding: .utf8)
        #expect(lines.contains("\"name\":\"train.loss\""))
    }

    @Test func whatCannotBeReportedIsSaid() throws {
        let place = try Workplace()
        let missing = try instill("report", place.path("nowhere"))
        #expect(missing.code == 66 && missing.errors.contains("nowhere"))
        #expect(try instill("ingest", place.config, "--quiet").code == 0)
        let early = try instill("report", place.output)
        #expect(early.code == 66 && early.errors.contains("instill evaluate --output"))
        let untrained = try instill("report", place.output, "--tensorboard", place.path("curves"))
        #expect(untrained.code == 66 && untrained.errors.contains("No training"))
        let alike = try instill("report", place.output, place.path("other/out"))
        #expect(alike.code == 64 && alike.errors.contains("label"))
    }
}
