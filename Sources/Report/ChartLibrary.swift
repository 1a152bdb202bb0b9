// Chart.js, which draws the plots, as set-up fetched it: its text and its licence, to be put into a page. Knows no plots.

import Foundation

/// A copy of Chart.js on disk.
public struct ChartLibrary: Sendable {
    private let source: String
    private let licence: String

    /// Reads `chart.js` and `LICENSE` of a folder; nil where either is missing.
    public init?(directory: URL) {
        guard let source = try? String(contentsOf: directory.appending(path: "chart.js"), encoding: .utf8),
            let licence = try? String(contentsOf: directory.appending(path: "LICENSE"), encoding: .utf8)
        else { return nil }
        (self.source, self.licence) = (source, licence)
    }

    /// The library with its licence before it, which asks to go wherever the library goes.
    var script: HTML {
        let notice = licence.replacing("*/", with: "* /")
        return """
            <script>
            /*! Chart.js (https://www.chartjs.org)

            \(HTML(trusted: notice))*/
            \(HTML(trusted: safeSource))</script>
            """
    }

    /// The one thing that a script element cannot hold is its own end.
    private var safeSource: String { source.replacing("</script", with: "<\\/script") }
}
