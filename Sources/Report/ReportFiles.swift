// A report on disk: the page, and beside it the same as JSON and CSV. Knows names and files, not what is in them.

import Basics
import Foundation

extension ComparisonReport {
    /// Writes the page and, with its name before their endings, the figures as `.json` and `.csv` and the replies as
    /// `-replies.csv`. Each appears whole or not at all.
    /// - Parameter charts: the library that draws the plots; without it the page has tables alone.
    /// - Returns: the paths, the page first.
    public func write(to page: URL, charts: ChartLibrary?) throws -> [String] {
        try FileManager.default.createDirectory(
            at: page.deletingLastPathComponent(), withIntermediateDirectories: true)
        let stem = page.deletingPathExtension().path
        let files = [
            (page.path, try self.page(charts: charts)), (stem + ".json", try json()), (stem + ".csv", figuresCSV()),
            (stem + "-replies.csv", repliesCSV()),
        ]
        for (path, data) in files { try WholeFile.write(data, to: path) }
        return files.map(\.0)
    }
}
