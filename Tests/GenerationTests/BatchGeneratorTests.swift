// Rows that come and go must say what they would say alone.

import Foundation
import LanguageModels
import Lineage
import TestSupport
import Testing
import Torch

@testable import Generation

@Suite struct BatchGeneratorTests {
    private let files: TinyModelFolder
    private let model: LanguageModel

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
    }

    /// Eleven prompts with a common beginning; most share a longer one with their neighbours: one of twelve tokens, or of so
    /// many that it is held once.
    private func rows(stem length: Int = 12) -> [GenerationRow] {
        (0..<11).map { number in
            let stem = (0..<length).map { 60 + ($0 + number / 4) % 40 }
            return GenerationRow(
                prompt: Array(10..<30) + stem + (0...(number % 3)).map { 100 + number + $0 }, seed: UInt64(number))
        }
    }

    private func generate(
        _ rows: [GenerationRow], batchSize: Int, sampling: SamplingSettings = .greedy, stop: Set<Int> = []
    ) throws -> [GeneratedRow] {
        try BatchGenerator(
            decoder: model.decoder, sampling: sampling, stopTokens: stop, maximumTokens: 12, batchSize: batchSize
        ).generate(rows, keepsHiddenStates: true)
    }

    @Test(arguments: [1, 2, 3, 5, 100], [12, 180])
    func aRowSaysTheSameInEveryBatch(batchSize: Int, stem: Int) throws {
        let rows = rows(stem: stem)
        let alone = try rows.flatMap { try generate([$0], batchSize: 1) }
        // A token that several rows say ends them at different moments.
        let stop = Set([alone[0].tokens[3], alone[5].tokens[6]])
        let expected = try rows.flatMap { try generate([$0], batchSize: 1, stop: stop) }
        let together = try generate(rows, batchSize: batchSize, stop: stop)
        #expect(Set(expected.map(\.tokens.count)).count > 1)
        #expect(together.map(\.tokens) == expected.map(\.tokens))
        #expect(together.map(\.isFinished) == expected.map(\.isFinished))
        for (a, b) in zip(together, expected) {
            let (x, y) = (try #require(a.hiddenStates), try #require(b.hiddenStates))
            #expect(x.shape == y.shape && x.shape[0] == a.tokens.count)
            let difference: [Float] = try (x - y).values()
            #expect(difference.allSatisfy { abs($0) < 1e-3 })
        }
    }

    @Test func theSameListGivesTheSameDraws() throws {
        let sampling = SamplingSettings(temperature: 1, topK: 20)
        let first = try generate(rows(), batchSize: 4, sampling: sampling)
        let second = try generate(rows(), batchSize: 4, sampling: sampling)
        #expect(first.map(\.tokens) == second.map(\.tokens))
        #expect(Set(first.map(\.tokens)).count > 5)
    }

    /// Rows that fill the embedding up, likelier here than every token.
    @Test(arguments: [
        SamplingSettings.greedy, SamplingSettings(temperature: 1.5), SamplingSettings(temperature: 1, topK: 5),
    ])
    func rowsThatAreNoTokensAreNeverDrawn(sampling: SamplingSettings) throws {
        let place = files.folder.appending(path: "padded")
        try TinyModel.write(to: place, seed: 1, rows: 270)
        try changeWeights(of: place.appending(path: "model.safetensors")) { tensors in
            for place in (TinyModel.vocabularySize * TinyModel.hidden)..<(270 * TinyModel.hidden) {
                tensors["model.embed_tokens.weight"]?[place] *= 100
            }
        }
        let padded = try LanguageModel(path: place.path, dtype: .float32)
        func drawn(_ padding_V: Tensor?) throws -> [Int] {
            try BatchGenerator(
                decoder: padded.decoder, sampling: sampling, stopTokens: [], maximumTokens: 12, padding_V: padding_V
            ).generate(rows()).flatMap(\.tokens)
        }
        #expect(try drawn(nil).contains { $0 >= TinyModel.vocabularySize })
        let tokens = try drawn(padded.padding_V)
        #expect(tokens.count == 11 * 12 && tokens.allSatisfy { $0 < TinyModel.vocabularySize })
    }

    @Test func aCallerCanEndAllRows() throws {
        let rows = rows()
        var steps = 0
        let cut = try BatchGenerator(
            decoder: model.decoder, sampling: .greedy, stopTokens: [], maximumTokens: 12, batchSize: 4
        ).generate(rows) { _ in
            steps += 1
            return steps < 3
        }
        #expect(steps == 3)
        #expect(cut.count == rows.count && cut.last?.tokens.isEmpty == true)
    }
}
