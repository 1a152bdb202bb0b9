// Reads small JSON files: configurations and indexes. Knows none of their keys.

import Foundation

/// JSON files, with errors that name the file and the place in it.
public enum JSONFile {
    /// Larger files are not read; a tokenizer's, the largest of a model's, are a third of it.
    static let maximumByteCount = 100_000_000

    /// Decodes a whole file.
    public static func read<T: Decodable>(_ type: T.Type, from path: String) throws(ModelFileError) -> T {
        let file = try MappedFile(path: path)
        guard file.count <= maximumByteCount else {
            let count = UInt64(file.count)
            throw .invalid(file: path, tensor: nil, .overLimit(part: "its size", count: count, limit: maximumByteCount))
        }
        do {
            return try JSONDecoder().decode(type, from: file.withUnsafeBytes { Data($0) })
        } catch let error as DecodingError {
            throw ModelFileError(error, file: path)
        } catch {
            throw .json(file: path, path: "", reason: "\(error)")
        }
    }
}

extension ModelFileError {
    fileprivate init(_ error: DecodingError, file: String) {
        switch error {
        case .keyNotFound(let key, let context):
            self = .json(file: file, path: Self.path(context), reason: "`\(key.stringValue)` is missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            self = .json(file: file, path: Self.path(context), reason: "the value is not of the type \(type)")
        case .dataCorrupted(let context):
            self = .json(file: file, path: Self.path(context), reason: context.debugDescription.trimmingSuffix("."))
        @unknown default:
            self = .json(file: file, path: "", reason: "\(error)")
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
