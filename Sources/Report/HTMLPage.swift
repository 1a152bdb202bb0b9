// The report as one HTML file that needs nothing else: tables as markup, figures and replies as data for the scripts of
// Page/, which draw the plots and make the list of questions. Knows what is on the page, and no files.

import Basics
import Foundation
import Lineage

extension ComparisonReport {
    /// The whole page.
    /// - Parameter charts: the library that draws the plots; without it there are tables alone.
    func page(charts: ChartLibrary?) throws -> Data {
        let sections = sections.filter { $0.isShown }
        let links = sections.map { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" as HTML }
        let scripts = [
            PackageResources.page_js, PackageResources.charts_js, PackageResources.sections_js,
            PackageResources.differences_js, PackageResources.questions_js,
        ].map { "<script>\n\(Self.trusted($0))</script>" as HTML }
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="\(Self.allowed)">
            <title>\(title)</title>
            <style>
            \(Self.trusted(PackageResources.page_css))
            </style>
            </head>
            <body>
            <a class="skip" href="#content">Skip to the figures</a>
            <header>
            <h1>\(title)</h1>
            <p class="lead">\(lead)</p>
            <nav aria-label="Sections"><ul>\(links)</ul></nav>
            </header>
            <main id="content">
            \(charts == nil ? Self.noCharts : "")
            \(sections.map(\.markup))
            </main>
            <footer><p>Made by Instill. The same figures are in the JSON and CSV files beside this page.</p></footer>
            <script type="application/json" id="report">\(try embedded)</script>
            \(charts?.script ?? "")
            \(scripts)
            </body>
            </html>

            """
        return Data(page.source.utf8)
    }

    /// What a browser, and a reader of the command's output, is told where the plots' library is missing.
    public static let chartsAdvice =
        "Plots are left out: fetch their library with `scripts/bootstrap charts` and write the report again."

    /// The browser is told that the page needs nothing from elsewhere.
    private static let allowed = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"

    private static let noCharts: HTML = "<p class=\"note\">\(chartsAdvice)</p>"

    private static func trusted(_ bytes: [UInt8]) -> HTML { HTML(trusted: String(decoding: bytes, as: UTF8.self)) }

    /// The report's JSON, in which no "<" is left that could end the script element or open a comment. By bytes, since a
    /// character may be a "<" together with its neighbours.
    private var embedded: HTML {
        get throws {
            let parts = try json().split(separator: UInt8(ascii: "<"), omittingEmptySubsequences: false)
            return HTML(trusted: parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\\u003c"))
        }
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no word for what is not finite; a broken figure must not keep the others from being seen.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try encoder.encode(self)
    }

    /// The first condition in one sentence: the base model beside the best of the others.
    private var lead: String {
        let rows = accuracies.filter { [grader = graders.first] in $0.grader == grader && $0.dataset == nil }
        guard let condition = conditions.first(where: { condition in rows.contains { $0.condition == condition.name } })
        else { return "Nothing has been graded." }
        let asked = rows.filter { $0.condition == condition.name }
        func figure(_ row: Accuracy) -> String {
            "\(label(method: row.method)) \(row.share.percent) %" + (row.share.interval.map { " (\($0))" } ?? "")
        }
        let name = EvaluationCondition.Subject.base.name
        let base = asked.first { $0.method == name }
        let best = asked.filter { $0.method != name }.max { $0.share.value < $1.share.value }
        let figures = [best, base].compactMap { $0 }.map(figure).joined(separator: ", ")
        return "\(condition.label), right answers to \(questions.count.grouped) held-out questions: \(figures)."
    }
}

// MARK: - Sections

extension ComparisonReport {
    fileprivate struct Section {
        let id: String
        let title: String
        let isShown: Bool
        let content: HTML

        var markup: HTML {
            """
            <section id="\(id)" aria-labelledby="\(id)-title">
            <h2 id="\(id)-title">\(title)</h2>
            \(content)
            </section>
            """
        }
    }

    /// Places for the scripts to fill are empty elements with `data-plot` or `data-list`.
    fileprivate var sections: [Section] {
        [
            Section(
                id: "comparison", title: "Right answers", isShown: !accuracies.isEmpty,
                content: "\(comparisonTables)<div data-plot=\"accuracy\"></div>"),
            Section(
                id: "differences", title: "Paired differences", isShown: !differences.isEmpty,
                content: """
                    <p>Question by question, against the one that you choose; intervals are the paired bootstrap's over
                    questions, and a difference whose 95 % interval leaves out zero is set in bold.</p>
                    <div data-list="differences"></div><div data-plot="differences"></div>
                    <noscript><p class="note">This table needs JavaScript; the CSV file has it too.</p></noscript>
                    """),
            Section(
                id: "sweeps", title: "Sweeps", isShown: !sweeps.isEmpty,
                content: "<div data-plot=\"sweeps\"></div>\(sweepTables)"),
            Section(
                id: "forgetting", title: "Forgetting", isShown: !forgetting.isEmpty,
                content: forgettingContent),
            Section(
                id: "retrieval", title: "Retrieval", isShown: !recall.isEmpty,
                content: "\(recallTable)<div data-plot=\"recall\"></div>"),
            Section(id: "coverage", title: "Coverage", isShown: !coverage.isEmpty, content: coverageTable),
            Section(
                id: "curves", title: "Training", isShown: !curves.isEmpty || !trainingData.isEmpty,
                content: "\(trainingData.isEmpty ? "" : trainingDataTable)<div data-plot=\"curves\"></div>"),
            Section(
                id: "time", title: "Time", isShown: !stages.isEmpty,
                content: "\(stageTable)<div data-plot=\"stages\"></div>"),
            Section(
                id: "questions", title: "Questions and answers", isShown: !questions.isEmpty,
                content: """
                    <div data-list="questions"></div>
                    <noscript><p class="note">This list needs JavaScript; the CSV file of replies has it too.</p></noscript>
                    """),
        ]
    }

    private var sweepTables: [HTML] {
        sweeps.map { sweep in
            let rows = sweep.points.map { point -> (head: HTML, cells: [HTML]) in
                let value = point.parameter.formatted(.number.locale(Locale(identifier: "en_US")))
                let place = [label(condition: point.condition), point.dataset].compactMap { $0 }.joined(separator: ", ")
                let cells: [HTML] = [.cell(value), .cell(point.share.percent, note: point.share.interval)]
                return (head(point.method, note: place), cells)
            }
            return """
                <details><summary>\(sweep.parameter): the figures</summary>\(
                    HTML.table(
                        caption: "Right answers, %.",
                        head: ["Method", sweep.parameter, "Right"], rows: rows)
                )</details>
                """
        }
    }
}
