// The page: what is on it, and that nothing that was said can break it.

import Basics
import Foundation
import Statistics
import Testing

@testable import Report

@Suite struct PageTests {
    /// What ends elements, comments and strings elsewhere, and what is rare.
    private static let hostile = [
        "</script><script>alert(1)</script>", "<!-- <script> -->", "]]>", "\"quotes\" and 'quotes' & &amp;",
        "a\u{0}b\u{7}\u{1B}[2J", "line\r\nline\u{2028}line\u{2029}", "\\u003c \\", "東京の灯台 👩‍🔬 é e\u{301}",
        "\u{600}</script>", "<\u{301}/script>", "\u{202E}right to left", "\u{FFFE}\u{10FFFF}",
    ]

    private static var report: ComparisonReport {
        let replies = hostile.map {
            ComparisonReport.Reply($0, outcomes: ["substring": .incorrect], reasoning: ["substring": $0])
        }
        return ComparisonReport(
            title: hostile[0], methods: [.init("base", label: hostile[3])],
            conditions: [.init("closed_book", label: hostile[1])], graders: ["substring"],
            questions: hostile.map { .init(id: $0, text: $0, golds: [$0], document: $0) },
            evaluations: [.init(method: "base", condition: "closed_book", seed: .max, replies: replies)])
    }

    /// The JSON that the page's scripts will read: an HTML parser ends it at the first "</script".
    private func embedded(_ page: String) throws -> String {
        let opening = "<script type=\"application/json\" id=\"report\">"
        let start = try #require(page.range(of: opening)).upperBound
        let end = try #require(page[start...].range(of: "</script")).lowerBound
        return String(page[start..<end])
    }

    @Test func nothingThatIsSaidLeavesItsPlace() throws {
        let report = Self.report
        let page = String(decoding: try report.page(charts: nil), as: UTF8.self)
        let json = try embedded(page)
        #expect(!json.contains("<"))
        #expect(try JSONDecoder().decode(ComparisonReport.self, from: Data(json.utf8)) == report)
        #expect(!page.contains("alert(1)</script><script>"))
        let markup = page.replacingOccurrences(of: json, with: "")
        #expect(markup.contains("&lt;/script&gt;"))
        #expect(markup.contains("&quot;quotes&quot; and &#39;quotes&#39; &amp; &amp;amp;"))
        #expect(!markup.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    }

    @Test func thePageNeedsNothingElse() throws {
        let folder = try TemporaryFolder()
        try WholeFile.write(Data("const drawn = '</script>';".utf8), to: folder.url.appending(path: "chart.js").path)
        try WholeFile.write(Data("MIT */ License".utf8), to: folder.url.appending(path: "LICENSE").path)
        let charts = try #require(ChartLibrary(directory: folder.url))
        let page = String(decoding: try ComparisonReport.large(questions: 3).page(charts: charts), as: UTF8.self)
        #expect(page.contains("MIT * / License") && page.contains("const drawn = '<\\/script>'"))
        #expect(!page.contains(ComparisonReport.chartsAdvice))
        for reference in ["src=", "href=\"http", "url(", "@import", "import(", "fetch("] {
            #expect(!page.contains(reference), "\(reference)")
        }
    }

    @Test func withoutTheLibraryThePageSaysHowToGetIt() throws {
        let page = String(decoding: try ComparisonReport.large(questions: 3).page(charts: nil), as: UTF8.self)
        #expect(page.contains(ComparisonReport.chartsAdvice))
        #expect(page.contains("<table>"))
        #expect(ChartLibrary(directory: URL(fileURLWithPath: "/nowhere")) == nil)
    }

    @Test func sectionsComeWithTheirData() throws {
        func ids(_ report: ComparisonReport) throws -> [String] {
            let page = String(decoding: try report.page(charts: nil), as: UTF8.self)
            return page.matches(of: /<section id="([a-z]+)"/).map { String($0.output.1) }
        }
        var report = ComparisonReport.large(questions: 3)
        #expect(try ids(report) == ["comparison", "differences", "questions"])
        report.addEverySection()
        #expect(
            try ids(report) == [
                "comparison", "differences", "sweeps", "forgetting", "retrieval", "coverage", "curves", "time",
                "questions",
            ])
    }

    @Test(arguments: [(5, 0), (57, 1)])
    func manyCategoriesOfForgettingFoldAwayBehindAllOfThem(categories: Int, folds: Int) throws {
        var report = ComparisonReport.large(questions: 2)
        report.forgetting = (["all"] + (1...categories).map { "subject \($0)" }).map {
            .init(method: "pd", category: $0, before: Estimate(0.5), after: Estimate(0.25), questions: 4)
        }
        let page = String(decoding: try report.page(charts: nil), as: UTF8.self)
        let section = try #require(page.firstMatch(of: /(?s)<section id="forgetting".*?<\/section>/)).output
        #expect(section.split(separator: "<summary>By category (57)</summary>").count == 1 + folds)
        #expect(section.split(separator: "<th scope=\"row\">").count == 2 + categories, "each row once")
        #expect(section.firstRange(of: ">all<") != nil)
    }

    @Test func figuresThatAreNoNumbersKeepNothingFromBeingShown() throws {
        var report = ComparisonReport.large(questions: 2)
        report.recall = [.init(retriever: "BM25", k: 1, share: Estimate(.nan, low: -.infinity, high: .infinity))]
        let json = try embedded(String(decoding: try report.page(charts: nil), as: UTF8.self))
        #expect(json.contains("\"NaN\"") && json.contains("\"-Infinity\""))
    }

    /// 100,000 replies: as long as they are short, the page is of a size that opens.
    @Test func manyRepliesAreAFileOfTheirSize() throws {
        let report = ComparisonReport.large(questions: 1000)
        let size = try report.page(charts: nil).count
        let said = report.evaluations.reduce(0) { $0 + $1.replies.reduce(0) { $0 + ($1?.text.utf8.count ?? 0) } }
        #expect(report.evaluations.count == 88)
        #expect(size > said && size < 3 * said)
    }
}

extension ComparisonReport {
    /// Gives every section something to show.
    mutating func addEverySection() {
        sweeps = [
            Sweep(
                parameter: "Rank", isLogarithmic: true,
                points: [
                    .init(
                        method: "pd", condition: "closed_book", parameter: 16, share: Estimate(0.9, low: 0.8, high: 1))
                ])
        ]
        forgetting = [
            .init(method: "pd", category: "law", before: Estimate(0.5), after: Estimate(0.25), questions: 4)
        ]
        recall = [.init(retriever: "BM25", k: 3, share: Estimate(0.75))]
        coverage = [.init(method: "pd", sentences: 10, reached: 7, examples: ["A sentence."])]
        curves = [
            .init(method: "pd", seed: 1, name: "train.loss", steps: [1, 2], seconds: [0.5, 1], values: [2, nil])
        ]
        trainingData = [
            .init(method: "pd", seed: 1, documents: 2, questions: 30, answers: 60, answerTokens: 1234, trainedOn: 58)
        ]
        stages = [.init(method: "pd", seed: 1, stage: "training", seconds: 4000, endpointTokens: 900, cost: 1.5)]
    }
}
