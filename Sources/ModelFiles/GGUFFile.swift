// Opens a GGUF file and hands out its metadata and its tensors' values. Knows no architecture: names and keys are as the
// file has them.

import Dispatch

/// An open GGUF file (version 2 or 3, little-endian). Its header has been checked whole: every entry's bytes lie within
/// the file, fit its shape and type, are aligned, and belong to it alone.
public struct GGUFFile: Sendable {
    /// The mapping that all bytes come from. Whoever keeps a pointer into it keeps this too.
    public let file: MappedFile
    /// The metadata by key.
    public let metadata: [String: GGUFValue]
    /// The tensors by name.
    public let entries: [String: TensorEntry]
    /// Every tensor's offset in the data is a multiple of this.
    public let alignment: Int

    /// `general.architecture`: "llama", "qwen2", …
    public var architecture: String? { metadata["general.architecture"]?.string }

    /// Maps the file and checks its header.
    public init(path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        let header = try file.withUnsafeBytes { bytes throws(ModelFileError) in
            try GGUFHeader(of: bytes, file: path)
        }
        do throws(FormatFault) {
            alignment = try Self.alignment(header.metadata)
        } catch {
            throw .invalid(file: path, tensor: nil, error)
        }
        let padding = (alignment - header.endOffset % alignment) % alignment
        // A file without tensors may end with its header.
        let data = min(header.endOffset + padding, file.count)..<file.count
        entries = try Self.entries(header.tensors, data: data, alignment: alignment, path: path)
        metadata = header.metadata
        self.file = file
    }

    /// Hands the stored bytes of a tensor to `body`; they stay where they are for as long as `file` lives.
    public func withBytes<R>(of name: String, body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        try file.withBytes(in: try entry(name).byteRange, body)
    }

    private func entry(_ name: String) throws(ModelFileError) -> TensorEntry {
        guard let entry = entries[name] else { throw .noTensor(file: file.path, tensor: name) }
        return entry
    }

    private static func alignment(_ metadata: [String: GGUFValue]) throws(FormatFault) -> Int {
        if let parts = metadata["split.count"]?.int, parts > 1 { throw .split(parts: parts) }
        guard let value = metadata["general.alignment"] else { return GGUFHeader.defaultAlignment }
        guard let alignment = value.int, alignment > 0, alignment & (alignment - 1) == 0, alignment <= 1 << 31 else {
            throw .invalidAlignment(UInt64(clamping: value.int ?? 0))
        }
        return alignment
    }

    private static func entries(
        _ tensors: [GGUFHeader.Tensor], data: Range<Int>, alignment: Int, path: String
    ) throws(ModelFileError) -> [String: TensorEntry] {
        var entries: [String: TensorEntry] = [:]
        for tensor in tensors {
            let name = tensor.name
            guard tensor.offset.isMultiple(of: UInt64(alignment)) else {
                throw .invalid(file: path, tensor: name, .misaligned(offset: tensor.offset, alignment: alignment))
            }
            guard tensor.byteCount <= data.count, tensor.offset <= data.count - tensor.byteCount else {
                throw .invalid(
                    file: path, tensor: name,
                    .pastEnd(offset: tensor.offset, byteCount: tensor.byteCount, available: data.count))
            }
            let begin = data.lowerBound + Int(tensor.offset)
            let entry = TensorEntry(
                name: name, shape: tensor.shape, storage: tensor.storage, byteRange: begin..<begin + tensor.byteCount)
            guard entries.updateValue(entry, forKey: name) == nil else {
                throw .invalid(file: path, tensor: nil, .duplicate(part: "tensor \(name)"))
            }
        }
        _ = try entries.values.sortedWithoutOverlap(file: path)
        return entries
    }
}

extension GGUFFile {
    /// Writes a tensor's values, row-major, using all cores.
    ///
    /// - Precondition: `output` has room for exactly the tensor's elements.
    public func dequantize(_ name: String, into output: UnsafeMutableBufferPointer<Float>) throws(ModelFileError) {
        convert(try entry(name), into: output, Dequantization.toFloat32)
    }

    /// Writes a tensor's values as bfloat16 bit patterns, rounded to the nearest, ties to even, using all cores.
    ///
    /// - Precondition: `output` has room for exactly the tensor's elements.
    public func dequantize(_ name: String, into output: UnsafeMutableBufferPointer<UInt16>) throws(ModelFileError) {
        convert(try entry(name), into: output, Dequantization.toBFloat16)
    }

    private typealias Conversion<Element> =
        @Sendable (TensorStorage, UnsafeRawBufferPointer, UnsafeMutablePointer<Element>) -> Void

    private func convert<Element: BitwiseCopyable & Sendable>(
        _ entry: TensorEntry, into output: UnsafeMutableBufferPointer<Element>,
        _ conversion: @escaping Conversion<Element>
    ) {
        let (rowCount, rowElements) = entry.rows
        precondition(output.count == rowCount * rowElements)
        // Large enough that starting a piece costs nothing, small enough that the cores end together.
        let rowsPerPiece = max(1, 65_536 / rowElements)
        let rowBytes = entry.byteRange.count / rowCount
        // Safe to share: the pieces do not overlap, and all are done when concurrentPerform returns.
        nonisolated(unsafe) let output = output.baseAddress
        DispatchQueue.concurrentPerform(iterations: (rowCount + rowsPerPiece - 1) / rowsPerPiece) { piece in
            guard let output else { return }
            let rows = piece * rowsPerPiece..<min(rowCount, (piece + 1) * rowsPerPiece)
            let begin = entry.byteRange.lowerBound + rows.lowerBound * rowBytes
            file.withBytes(in: begin..<begin + rows.count * rowBytes) {
                conversion(entry.storage, $0, output + rows.lowerBound * rowElements)
            }
        }
    }
}

extension TensorEntry {
    /// Rows, and elements in each. GGUF has no empty rows and no scalars.
    fileprivate var rows: (count: Int, elements: Int) {
        let elements = shape.last ?? 1
        return (elementCount / elements, elements)
    }
}
