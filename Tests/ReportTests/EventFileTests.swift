// TensorBoard's files, against the vectors of RFC 3720 and a file that tensorboard 2.21's own writer made. That its reader
// takes them is asserted in Tests/Conformance/tensorboard.

import Foundation
import Store
import Testing

@testable import Report

@Suite struct EventFileTests {
    /// RFC 3720, section B.4.
    @Test func checksums() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(0..<32) == 0x46DD_794E)
        #expect(CRC32C.checksum((0..<32).reversed()) == 0x113F_DB5C)
    }

    @Test func curvesGoToAFolderEach() throws {
        let folder = try TemporaryFolder()
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let metrics = [
            Metric(step: 1, name: "train.loss", value: 2.5, seconds: 0.5),
            Metric(step: 2, name: "train.loss", value: .nan, seconds: 1),
        ]
        let trainings = ["pd", "pd", "../up", "."].map { TrainingCurves(label: $0, startedAt: start, metrics: metrics) }
        let folders = try TrainingCurves.write(trainings, to: folder.url)
        #expect(folders.map { URL(fileURLWithPath: $0).lastPathComponent } == ["pd", "pd-2", "-up", "training"])
        for place in folders { #expect(place.hasPrefix(folder.url.path + "/")) }
        #expect(
            try folder.text("pd/curves.jsonl") == """
                {"name":"train.loss","seconds":0.5,"step":1,"value":2.5}
                {"name":"train.loss","seconds":1,"step":2}

                """)
        // Two curves written again are one file still, or TensorBoard would show both.
        _ = try TrainingCurves.write(trainings, to: folder.url)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "pd").path)
        #expect(Set(files) == ["curves.jsonl", "events.out.tfevents.instill"])
    }

    @Test func longCurvesAreThinnedToMeans() {
        let metrics = (1...1000).map { Metric(step: $0, name: "train.loss", value: Double($0), seconds: Double($0)) }
        let curves = ComparisonReport.Curve.curves(of: metrics, method: "pd", seed: 1)
        #expect(curves.count == 1)
        #expect(curves[0].steps.prefix(2) == [3, 6] && curves[0].values.prefix(2) == [2, 5])
        #expect(curves[0].steps.last == 1000 && curves[0].values.last == 1000)
        let short = ComparisonReport.Curve.curves(of: Array(metrics.prefix(400)), method: "pd", seed: 1)
        #expect(short[0].steps == Array(1...400))
    }
}
