// Embeddings that a run has computed or paid for, in its folder: a file a piece of texts, named after the embedder and the
// texts, so that a run that goes on embeds nothing twice. Knows files, not models.

import Basics
import Foundation
import LanguageModels
import ModelFiles
import Store
import Torch

/// The embeddings that one embedder has made.
struct KeptEmbeddings: Sendable {
    private static let tensorName = "embeddings"

    /// Where the files are; it need not exist yet.
    let folder: URL
    let identity: String

    /// The embeddings of a piece of texts; nil where there are none, or none that can be read.
    func embeddings(of texts: [String]) -> [[Float]]? {
        guard let file = try? SafetensorsFile(path: file(texts).path),
            let tensor = try? file.tensor(KeptEmbeddings.tensorName), tensor.shape.first == texts.count,
            let values: [Float] = try? tensor.values()
        else { return nil }
        let length = values.count / texts.count
        return texts.indices.map { Array(values[($0 * length)..<(($0 + 1) * length)]) }
    }

    /// Keeps the embeddings of a piece of texts, all of one length.
    func keep(_ embeddings: [[Float]], of texts: [String]) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let tensor = try Tensor(embeddings.flatMap { $0 }, shape: [texts.count, embeddings.first?.count ?? 0])
        try SafetensorsWriter.write(
            to: file(texts).path, metadata: ["embedder": identity],
            tensors: [NamedTensor(KeptEmbeddings.tensorName, tensor)])
    }

    private func file(_ texts: [String]) -> URL {
        let key = ContentKey(of: "embeddings by \(identity)", keys: texts.map { ContentKey(of: $0) })
        return folder.appending(path: "\(key).safetensors")
    }
}
