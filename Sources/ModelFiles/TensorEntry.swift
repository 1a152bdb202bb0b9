// What a file says about one tensor: its name, its shape, how it is stored, and where. Holds no data.

/// How a tensor's elements are stored.
public enum TensorStorage: Sendable, Hashable {
    /// One element after another.
    case plain(ScalarType)
    /// In blocks of elements that share their scales.
    case quantized(GGUFQuantization)

    /// Elements in one block, and the bytes that it takes; a plain element is a block of its own.
    public var block: (elements: Int, bytes: Int) {
        switch self {
        case .plain(let type): (1, type.byteCount)
        case .quantized(let type): (type.blockElements, type.blockBytes)
        }
    }
}

extension TensorStorage: CustomStringConvertible {
    /// The name that the file format gives it.
    public var description: String {
        switch self {
        case .plain(let type): type.rawValue
        case .quantized(let type): type.description
        }
    }
}

/// One tensor of a file.
public struct TensorEntry: Sendable, Hashable {
    /// Its name in the file.
    public let name: String
    /// Row-major, outermost dimension first, as in PyTorch, whatever the file format; empty for a scalar.
    public let shape: [Int]
    /// How its elements are stored.
    public let storage: TensorStorage
    /// Where its bytes lie, counted from the start of the file.
    public let byteRange: Range<Int>

    /// The product of the shape, which was checked for overflow when the file was opened.
    public var elementCount: Int { shape.reduce(1, *) }
}

extension TensorStorage {
    /// Elements and bytes of a tensor of this shape, checked for overflow and, in quantised ones, for whole blocks.
    func size(ofShape shape: [Int]) throws(FormatFault) -> (elements: Int, bytes: Int) {
        var elements = 1
        // A zero makes the product zero, but the others must still be representable together.
        for dimension in shape where dimension != 0 {
            let (product, overflow) = elements.multipliedReportingOverflow(by: dimension)
            guard dimension > 0, !overflow else { throw .shapeOverflow(shape) }
            elements = product
        }
        if shape.contains(0) { elements = 0 }
        if let row = shape.last, !row.isMultiple(of: block.elements) {
            throw .partialBlock(row: row, block: block.elements, type: description)
        }
        let (bytes, overflow) = (elements / block.elements).multipliedReportingOverflow(by: block.bytes)
        guard !overflow else { throw .shapeOverflow(shape) }
        return (elements, bytes)
    }
}

extension Collection<TensorEntry> {
    /// The entries in file order, after a check that no two of them share a byte.
    func sortedWithoutOverlap(file: String) throws(ModelFileError) -> [TensorEntry] {
        let sorted = sorted {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound) < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        }
        for (entry, next) in zip(sorted, sorted.dropFirst())
        where next.byteRange.lowerBound < entry.byteRange.upperBound {
            throw .invalid(file: file, tensor: next.name, .overlap(other: entry.name))
        }
        return sorted
    }
}
