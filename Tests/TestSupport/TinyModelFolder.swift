// A tiny model in a folder of its own, gone with the value.

import Foundation

/// A temporary folder that holds a tiny model and whatever else a test puts there.
public final class TinyModelFolder: Sendable {
    public let folder: URL

    /// Makes the folder and the model.
    public init(seed: UInt64 = 1) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tiny-\(UUID().uuidString)")
        try TinyModel.write(to: model, seed: seed)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    public var model: URL { folder.appending(path: "model") }
}
