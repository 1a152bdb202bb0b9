// What can go wrong with a model's files, as data, and the one place where it is put into words.

import Foundation

/// A failure to read or write a model's file: which file, which tensor where there is one, and why.
public enum ModelFileError: Error, Equatable, Sendable {
    /// The operating system refused an operation ("opened", "mapped", "written", …) with this `errno`.
    case system(operation: String, file: String, code: Int32)
    /// A folder, a pipe or a device where a file was expected.
    case notAFile(file: String)
    /// The file's contents are damaged, hostile, or of a kind that is not supported.
    case invalid(file: String, tensor: String?, FormatFault)
    /// No tensor of that name is in the file or folder.
    case noTensor(file: String, tensor: String)
    /// A small text of Git LFS in the place of the file.
    case pointer(file: String)
    /// Files that an index names are not there.
    case missingShards(index: String, missing: [String], of: Int)
    /// The folder holds none of these files.
    case noneOf(files: [String], directory: String)
    /// The weights are pickled, and pickles run code when they are read.
    case pickled(file: String)
    /// A model's configuration says that its weights are quantised, as safetensors are not read.
    case quantised(file: String, method: String)
    /// A JSON file does not hold what it should; `path` leads to the place ("weight_map.x").
    case json(file: String, path: String, reason: String)
    /// An index puts a tensor in a file where it is not.
    case notInShard(index: String, tensor: String, shard: String)
    /// A place that holds no adapter in PEFT's format.
    case noAdapter(path: String, reason: String)
    /// An adapter's configuration asks for something that is not supported.
    case unsupportedAdapter(file: String, setting: String, value: String)
    /// A tensor handed over to be written, or an adapter's, does not have the bytes or the shape that it should.
    case unfitTensor(file: String, tensor: String, reason: String)
}

extension ModelFileError: CustomStringConvertible {
    /// One sentence or two: what was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .system(let operation, let file, let code):
            "\(file) cannot be \(operation): \(String(cString: strerror(code)))."
        case .notAFile(let file):
            "\(file) is not a regular file."
        case .invalid(let file, nil, let fault):
            "\(file): \(fault)"
        case .invalid(let file, let tensor?, let fault):
            "\(file): tensor \(tensor): \(fault)"
        case .noTensor(let file, let tensor):
            "\(file) has no tensor \(tensor)."
        case .pointer(let file):
            """
            \(file) is not the file but Git LFS's note of where it is: fetch it with `git lfs pull`, or download the file \
            itself.
            """
        case .missingShards(let index, let missing, let count):
            """
            \(index) names \(count) files, of which \(missing.count) are missing: \(missing.prefix(3).joined(separator: ", "))\
            \(missing.count > 3 ? " …" : ""). Download them.
            """
        case .noneOf(let files, let directory):
            "\(directory) holds no \(files.joined(separator: " and no "))."
        case .pickled(let file):
            """
            \(file) is a pickle, and reading a pickle can run code that is hidden in it. Convert it to safetensors in \
            PyTorch (`save_pretrained(…, safe_serialization=True)`) and try again.
            """
        case .quantised(let file, let method):
            """
            \(file): the weights are quantised by \(method), which is not read. Take the model that was quantised, in \
            bfloat16, float16 or float32, or a GGUF file of it.
            """
        case .json(let file, "", let reason):
            "\(file): \(reason)."
        case .json(let file, let path, let reason):
            "\(file): \(path): \(reason)."
        case .notInShard(let index, let tensor, let shard):
            "\(index) places tensor \(tensor) in \(shard), which does not hold it. Download the model again."
        case .noAdapter(let path, let reason):
            "No adapter in PEFT's format at \(path): \(reason)."
        case .unsupportedAdapter(let file, let setting, let value):
            "\(file): `\(setting)` is \(value), which is not supported; only plain LoRA is."
        case .unfitTensor(let file, let tensor, let reason):
            "\(file): tensor \(tensor): \(reason)."
        }
    }
}
