// The small configurations of Configs/ from beginning to end, on the tiny model and its two documents.

import Foundation
import Testing

@Suite struct SmallConfigsTests {
    private static let files = ((try? FileManager.default.contentsOfDirectory(atPath: "Configs/small")) ?? []).sorted()

    /// The configuration as it is but for what a model with random weights cannot do: write questions, and answers that
    /// are founded on a document.
    private func reduced(_ file: String) throws -> String {
        var text = try String(contentsOfFile: "Configs/small/\(file)", encoding: .utf8)
        let places = [
            ("../../Examples/documents", "documents"), ("../../Examples/questions.jsonl", "held-out.jsonl"),
            ("../../.deps/SmolLM2-135M-Instruct.Q4_1.gguf", "model"),
            ("../../runs/small-\(file.dropLast(5))", "out"), ("maximumTokens: 48", "maximumTokens: 6"),
            ("training: {rank: 16, epochs: 2", "training: {rank: 4, epochs: 1, validationFraction: 0"),
        ]
        for (long, short) in places { text = text.replacing(long, with: short) }
        return """
            \(text)
            model: model
            trainingQuestions: questions.jsonl
            precision: float32
            threads: 1
            answers: {maximumTokens: 8, dropsUnfounded: false}
            evaluation: {maximumTokens: 8}

            """
    }

    @Test(arguments: files)
    func aReducedFormRunsToItsReport(file: String) throws {
        let text = try reduced(file)
        let place = try Workplace()
        try place.write(text, to: "config.yaml")
        let run = try instill("compare", place.config)
        #expect(run.code == 0, "\(file): \(run.errors)")
        let report = try Data(contentsOf: place.folder.appending(path: "out/report.json"))
        let figures = try #require(try JSONSerialization.jsonObject(with: report) as? [String: Any])
        let methods = try #require(figures["methods"] as? [[String: Any]]).compactMap { $0["name"] as? String }
        let asked = text.matches(of: #/- \{?name: (\w+)/#).map { String($0.1) }
        #expect(!asked.isEmpty && methods == ["base"] + asked, "\(file)")
    }
}
