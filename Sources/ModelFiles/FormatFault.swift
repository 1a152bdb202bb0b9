// What can be wrong inside a safetensors or GGUF file, as data, and how it is worded.

/// Why a file's contents were refused.
public enum FormatFault: Error, Equatable, Sendable {
    /// The file is of another format than the one expected.
    case notFormat(String)
    /// A version of the format that is not supported.
    case unsupportedVersion(UInt32)
    /// GGUF's numbers are stored most significant byte first.
    case bigEndian
    /// `part` needs more bytes than are left in the file.
    case truncated(part: String, byteCount: UInt64, available: Int)
    /// `part` is counted higher than anything sensible.
    case overLimit(part: String, count: UInt64, limit: Int)
    /// The JSON header does not go on as the format says it must.
    case headerSyntax(expected: String, offset: Int)
    /// `part` is text, and not UTF-8.
    case invalidUTF8(part: String)
    /// `part` occurs twice.
    case duplicate(part: String)
    /// The element type is unknown or not among those supported.
    case unsupportedType(String, supported: [String])
    /// A metadata value's type, or its value, is not one that the format knows.
    case invalidValue(part: String, value: UInt64)
    /// Arrays within arrays, deeper than `limit`.
    case nestedTooDeeply(part: String, limit: Int)
    /// GGUF tensors have one dimension to four.
    case dimensionCount(UInt32)
    /// A GGUF tensor has a dimension of zero, or one that is too large for a signed integer.
    case dimensions([UInt64])
    /// The shape's product does not fit in 64 bits.
    case shapeOverflow([Int])
    /// A row is not a whole number of quantisation blocks.
    case partialBlock(row: Int, block: Int, type: String)
    /// Shape and type need another number of bytes than the header gives.
    case wrongByteCount(shape: [Int], type: String, needed: Int, given: Int)
    /// The bytes end before they begin.
    case reversedRange(begin: Int, end: Int)
    /// The bytes lie past the file's end.
    case pastEnd(offset: UInt64, byteCount: Int, available: Int)
    /// The tensor shares bytes with another one.
    case overlap(other: String)
    /// Bytes before the tensor, or at the end of the file, that belong to none.
    case hole(byteCount: Int)
    /// The tensor does not begin at a multiple of the file's alignment.
    case misaligned(offset: UInt64, alignment: Int)
    /// The file's alignment is not a power of two.
    case invalidAlignment(UInt64)
    /// One part of a model that is split over several files.
    case split(parts: Int)
}

extension FormatFault: CustomStringConvertible {
    /// The reason, as the end of a sentence that began with the file's name.
    public var description: String {
        switch self {
        case .notFormat(let format): "this is not a \(format) file. Download it again."
        case .unsupportedVersion(let version): "version \(version) of GGUF is not supported; versions 2 and 3 are."
        case .bigEndian: "big-endian GGUF is not supported; convert it to little-endian."
        case .truncated(let part, let byteCount, let available):
            "\(part) takes \(byteCount) bytes, but only \(available) are left. The file is cut or damaged; download it again."
        case .overLimit(let part, let count, let limit): "\(part) is \(count); more than \(limit) is refused."
        case .headerSyntax(let expected, let offset): "the header should have \(expected) at byte \(offset)."
        case .invalidUTF8(let part): "\(part) is not valid UTF-8."
        case .duplicate(let part): "\(part) occurs twice."
        case .unsupportedType(let type, let supported):
            """
            element type \(type) is not supported. Take the model in another precision or quantisation; read are \
            \(supported.joined(separator: ", ")).
            """
        case .invalidValue(let part, let value): "\(part) has the invalid value \(value)."
        case .nestedTooDeeply(let part, let limit): "\(part) nests arrays more than \(limit) deep."
        case .dimensionCount(let count): "the number of its dimensions is \(count); one to four are allowed."
        case .dimensions(let dimensions):
            "it has the dimensions \(dimensions); none may be zero or above 2^63 - 1."
        case .shapeOverflow(let shape): "its shape \(shape) has more elements than can be counted."
        case .partialBlock(let row, let block, let type):
            "its rows have \(row) elements, not a multiple of the \(block) in a block of \(type)."
        case .wrongByteCount(let shape, let type, let needed, let given):
            "shape \(shape) of \(type) takes \(needed) bytes, but the header gives it \(given)."
        case .reversedRange(let begin, let end): "its bytes end at \(end), before they begin at \(begin)."
        case .pastEnd(let offset, let byteCount, let available):
            """
            its \(byteCount) bytes at offset \(offset) lie past the end of the \(available) bytes of data. The file is cut \
            or damaged; download it again.
            """
        case .overlap(let other): "its bytes overlap those of tensor \(other)."
        case .hole(let byteCount): "\(byteCount) bytes belong to no tensor."
        case .misaligned(let offset, let alignment): "its offset \(offset) is not a multiple of \(alignment)."
        case .invalidAlignment(let alignment): "its alignment \(alignment) is not a power of two."
        case .split(let parts):
            "this is one of \(parts) parts of a model. Join them first (`llama-gguf-split --merge`)."
        }
    }
}
