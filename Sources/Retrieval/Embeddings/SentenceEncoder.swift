// A sentence encoder out of a Hugging Face folder: tokens through BERT, one vector a text. The default one is
// all-MiniLM-L6-v2. Knows texts and vectors, not what is compared with what.
//
// Follows sentence-transformers: modules.json names the steps, 1_Pooling/config.json how states become a vector (the mean
// where the folder does not say), sentence_bert_config.json after how many tokens a text is cut.
//
// Shape suffixes: B texts, L the longest in tokens, d width.

import Algorithms
import Foundation
import LanguageModels
import ModelFiles
import Tokenizers
import Torch

/// A loaded encoder. Not Sendable: it stays on the thread that runs it.
public struct SentenceEncoder {
    /// How states become a vector.
    enum Pooling: String {
        /// The mean of all tokens' states.
        case mean
        /// The first token's state.
        case cls
    }

    /// Names the encoder by what its vectors depend on, whatever the path.
    public let identity: String
    /// Numbers of a vector.
    public var dimension: Int { encoder.hiddenSize }
    /// Tokens after which a text is cut, those that begin and end it included.
    public let maximumTokens: Int
    private let encoder: BERTEncoder
    private let tokenizer: WordPieceTokenizer
    private let pooling: Pooling

    /// Texts that go through the encoder at the same time.
    private static let batchSize = 32

    /// Loads config.json, tokenizer.json and safetensors, and what sentence-transformers adds to them, where it is there.
    public init(directory: String, device: Device = .cpu) throws {
        tokenizer = try WordPieceTokenizer(directory: URL(fileURLWithPath: directory, isDirectory: true))
        encoder = try BERTEncoder(directory: directory, device: device)
        guard tokenizer.vocabularySize <= encoder.vocabularySize else {
            throw RetrievalError.unknownTokens(
                folder: directory, vocabulary: tokenizer.vocabularySize, rows: encoder.vocabularySize)
        }
        let settings = try SentenceTransformersFolder(path: directory)
        pooling = settings.pooling
        maximumTokens = min(encoder.maximumPositions, max(2, settings.maximumTokens ?? .max))
        identity = "\(encoder.fingerprint) \(pooling.rawValue) \(maximumTokens)"
    }

    /// Whether a text is longer than what is read of it.
    public func isCut(_ text: String) -> Bool {
        tokenizer.encode(text, limit: maximumTokens + 1).count > maximumTokens
    }

    /// Unit vectors in the order of the texts, each of `dimension` numbers.
    public func embeddings(of texts: [String]) throws -> [[Float]] {
        let tokens = texts.map { tokenizer.encode($0, limit: maximumTokens) }
        // Texts of a length together, so that little of a batch is padding.
        let order = texts.indices.sorted { (tokens[$0].count, $0) < (tokens[$1].count, $1) }
        var embeddings = [[Float]](repeating: [], count: texts.count)
        for places in order.chunks(ofCount: SentenceEncoder.batchSize) {
            for (place, vector) in zip(places, try vectors(places.map { tokens[$0] })) {
                embeddings[place] = vector.ofUnitLength
            }
        }
        return embeddings
    }

    private func vectors(_ tokens: [[Int]]) throws -> [[Float]] {
        let pooled_Bd = try noGrad { () throws(TorchError) in
            try pool(encoder.hiddenStates(tokens), lengths: tokens.map(\.count))
        }
        let values: [Float] = try pooled_Bd.values()
        return tokens.indices.map { Array(values[($0 * dimension)..<(($0 + 1) * dimension)]) }
    }

    private func pool(_ states_BLd: Tensor, lengths: [Int]) throws(TorchError) -> Tensor {
        let shape = states_BLd.shape
        switch pooling {
        case .cls: return try states_BLd.narrow(1, start: 0, length: 1).reshaped([shape[0], shape[2]])
        case .mean:
            let weights = lengths.flatMap { length in (0..<shape[1]).map { $0 < length ? 1 / Float(length) : 0 } }
            let weights_B1L = try Tensor(weights, shape: [shape[0], 1, shape[1]], device: states_BLd.device)
            return try weights_B1L.matmul(states_BLd).reshaped([shape[0], shape[2]])
        }
    }
}

extension [Float] {
    /// The vector of the same direction and length 1; nothing stays nothing.
    var ofUnitLength: [Float] {
        let length = reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? map { Float(Double($0) / length) } : self
    }
}
