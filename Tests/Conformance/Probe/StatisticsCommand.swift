// Statistics of what standard input holds, for a reference implementation to compare with.

import Basics
import Evaluation
import Foundation
import Statistics
import Store

/// `statistics`: one JSON object a line in, one a line out.
///
/// In: `means` (values), or `first` and `second` with `resamples` and `seed` (a list of scores a seed each), or `verdicts` (two
/// lists of "correct", "incorrect" and "unparsed"). Out: what `SeedMean`, `PairedBootstrap` and `GraderAgreement` make of it.
enum StatisticsProbe {
    private struct Input: Decodable {
        var means: [Double]?
        var first: [[Double]]?
        var second: [[Double]]?
        var resamples: Int?
        var seed: UInt64?
        var verdicts: [[Verdict]]?
    }

    static func run(arguments: [String]) throws {
        while let line = readLine() {
            let input = try JSONDecoder().decode(Input.self, from: Data(line.utf8))
            if let means = input.means { try write(SeedMean(means)) }
            if let first = input.first, let second = input.second {
                try write(
                    PairedBootstrap(
                        first, against: second, resamples: input.resamples ?? 10_000, seed: input.seed ?? 1))
            }
            if let verdicts = input.verdicts {
                let byReply = verdicts.map { list in
                    Dictionary(
                        list.enumerated().map { (ContentKey(of: "\($0)"), $1) }, uniquingKeysWith: { first, _ in first }
                    )
                }
                try write(GraderAgreement(first: "first", second: "second", byReply[0], byReply[1]))
            }
        }
    }

    private static func write(_ value: some Encodable) throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(value) + Data("\n".utf8))
    }
}
