// Retrieval's parts, each by itself, for reference implementations to compare with. Knows no reference.

import Foundation
import LanguageModels
import ModelFiles
import Retrieval
import Tokenizers
import Torch

/// `retrieval bm25 CORPORA.json OUT`: reads a list of corpora, each with `documents` and `questions` as lists of token ids, and
/// writes safetensors with `N.scores` [questions, documents] and `N.rankings`, the documents' places, for corpus N.
///
/// `retrieval embed FOLDER TEXTS.json OUT`: reads a JSON list of texts and writes safetensors with `embeddings`.
///
/// `retrieval word-pieces FOLDER LIMIT`: one JSON string a line in, one list of token ids a line out.
enum RetrievalProbe {
    static func run(arguments: [String]) throws {
        let rest = Array(arguments.dropFirst())
        switch (arguments.first, rest.count) {
        case ("bm25", 2): try bm25(corpora: rest[0], out: rest[1])
        case ("embed", 3): try embed(folder: rest[0], texts: rest[1], out: rest[2])
        case ("word-pieces", 2): try wordPieces(folder: rest[0], limit: Int(rest[1]) ?? .max)
        default: throw Usage()
        }
    }

    private struct Corpus: Decodable {
        let documents: [[Int]]
        let questions: [[Int]]
    }

    private static func bm25(corpora path: String, out: String) throws {
        let tensors = try read([Corpus].self, path).enumerated().flatMap { number, corpus in
            let shape = [corpus.questions.count, corpus.documents.count]
            let index = BM25(corpus.documents)
            let scores = corpus.questions.map(index.scores)
            let rankings = scores.map { Ranking.best($0, count: $0.count) }
            return [
                NamedTensor("\(number).scores", try Tensor(scores.flatMap { $0 }, shape: shape)),
                NamedTensor("\(number).rankings", try Tensor(rankings.flatMap { $0 }, shape: shape)),
            ]
        }
        try SafetensorsWriter.write(to: out, tensors: tensors)
    }

    private static func embed(folder: String, texts path: String, out: String) throws {
        let embeddings = try SentenceEncoder(directory: folder).embeddings(of: read([String].self, path))
        let shape = [embeddings.count, embeddings.first?.count ?? 0]
        try SafetensorsWriter.write(
            to: out, tensors: [NamedTensor("embeddings", try Tensor(embeddings.flatMap { $0 }, shape: shape))])
    }

    private static func wordPieces(folder: String, limit: Int) throws {
        let tokenizer = try WordPieceTokenizer(directory: URL(filePath: folder))
        while let line = readLine() {
            let text = try JSONDecoder().decode(String.self, from: Data(line.utf8))
            print(tokenizer.encode(text, limit: limit))
        }
    }

    private static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    struct Usage: Error, CustomStringConvertible {
        var description: String {
            "usage: retrieval bm25 CORPORA.json OUT | embed FOLDER TEXTS.json OUT | word-pieces FOLDER LIMIT < texts.jsonl"
        }
    }
}
