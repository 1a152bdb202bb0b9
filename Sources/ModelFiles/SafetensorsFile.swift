// Reads a safetensors file: eight bytes of header length, a JSON header, and the tensors' bytes without a gap.
// Format: https://huggingface.co/docs/safetensors. Deals in bytes; makes no tensors.

/// An open safetensors file. Its header has been checked whole: every entry's bytes lie within the file, fit its shape
/// and type, and belong to it alone.
public struct SafetensorsFile: Sendable {
    /// The longest header that is read, the same as the reference implementation's.
    public static let maximumHeaderByteCount = 100_000_000

    /// The mapping that all bytes come from. Whoever keeps a pointer into it keeps this too.
    public let file: MappedFile
    /// The tensors by name.
    public let entries: [String: TensorEntry]
    /// The file's own notes (`__metadata__`).
    public let metadata: [String: String]

    /// Maps the file and checks its header.
    public init(path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        let (header, dataStart) = try file.withUnsafeBytes { bytes throws(ModelFileError) in
            do throws(FormatFault) {
                return try Self.header(of: bytes)
            } catch {
                throw .invalid(file: path, tensor: nil, error)
            }
        }
        var entries: [String: TensorEntry] = [:]
        for tensor in header.tensors {
            do throws(FormatFault) {
                entries[tensor.name] = try Self.entry(tensor, dataStart: dataStart, dataCount: file.count - dataStart)
            } catch {
                throw .invalid(file: path, tensor: tensor.name, error)
            }
        }
        try Self.checkContiguous(entries.values, dataRange: dataStart..<file.count, path: path)
        self.file = file
        self.entries = entries
        metadata = header.metadata
    }

    /// Hands the bytes of a tensor to `body`; they stay where they are for as long as `file` lives.
    public func withBytes<R>(of name: String, body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        guard let entry = entries[name] else { throw ModelFileError.noTensor(file: file.path, tensor: name) }
        return try file.withBytes(in: entry.byteRange, body)
    }

    private static func header(
        of bytes: UnsafeRawBufferPointer
    ) throws(FormatFault) -> (header: SafetensorsHeader, dataStart: Int) {
        guard bytes.count >= 8 else {
            throw .truncated(part: "the header's length", byteCount: 8, available: bytes.count)
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= maximumHeaderByteCount else {
            // A page that was served in the file's place, say.
            if let first = bytes.dropFirst(8).first, first != UInt8(ascii: "{") { throw .notFormat("safetensors") }
            throw .overLimit(part: "the header's length", count: length, limit: maximumHeaderByteCount)
        }
        guard length <= bytes.count - 8 else {
            throw .truncated(part: "the header", byteCount: length, available: bytes.count - 8)
        }
        let end = 8 + Int(length)
        return (try SafetensorsHeader(json: UnsafeRawBufferPointer(rebasing: bytes[8..<end])), end)
    }

    private static func entry(
        _ tensor: SafetensorsHeader.Tensor, dataStart: Int, dataCount: Int
    ) throws(FormatFault) -> TensorEntry {
        guard let type = ScalarType(rawValue: tensor.type) else {
            throw .unsupportedType(tensor.type, supported: ScalarType.allCases.map(\.rawValue))
        }
        guard tensor.begin <= tensor.end else { throw .reversedRange(begin: tensor.begin, end: tensor.end) }
        let given = tensor.end - tensor.begin
        guard tensor.end <= dataCount else {
            throw .pastEnd(offset: UInt64(tensor.begin), byteCount: given, available: dataCount)
        }
        let needed = try TensorStorage.plain(type).size(ofShape: tensor.shape).bytes
        guard needed == given else {
            throw .wrongByteCount(shape: tensor.shape, type: tensor.type, needed: needed, given: given)
        }
        return TensorEntry(
            name: tensor.name, shape: tensor.shape, storage: .plain(type),
            byteRange: dataStart + tensor.begin..<dataStart + tensor.end)
    }

    /// The format allows no byte that belongs to no tensor, so that a file has one meaning.
    private static func checkContiguous(
        _ entries: some Collection<TensorEntry>, dataRange: Range<Int>, path: String
    ) throws(ModelFileError) {
        var position = dataRange.lowerBound
        for entry in try entries.sortedWithoutOverlap(file: path) {
            let hole = entry.byteRange.lowerBound - position
            guard hole == 0 else { throw .invalid(file: path, tensor: entry.name, .hole(byteCount: hole)) }
            position = entry.byteRange.upperBound
        }
        let rest = dataRange.upperBound - position
        guard rest == 0 else { throw .invalid(file: path, tensor: nil, .hole(byteCount: rest)) }
    }
}
