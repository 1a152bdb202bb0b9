// What can go wrong in a tensor operation, as data. Knows tensors, not models.

import CTorch

/// A failed tensor operation: what was asked, of what, and what libtorch said.
public struct TorchError: Error, Sendable {
    /// The mistakes that callers tell apart.
    public enum Kind: Sendable, Hashable {
        case shapeMismatch
        case dtypeMismatch
        case outOfMemory
        case deviceUnavailable
        case failure

        init(_ code: CTorchCode) {
            switch code {
            case CTORCH_SHAPE_MISMATCH: self = .shapeMismatch
            case CTORCH_DTYPE_MISMATCH: self = .dtypeMismatch
            case CTORCH_OUT_OF_MEMORY: self = .outOfMemory
            case CTORCH_DEVICE_UNAVAILABLE: self = .deviceUnavailable
            default: self = .failure
            }
        }
    }

    /// One tensor that the operation was given.
    public struct Operand: Sendable, Hashable {
        /// Sizes, outermost first.
        public let shape: [Int]
        public let dtype: DType
    }

    /// Which mistake it was.
    public let kind: Kind
    /// The operation's name, as in PyTorch.
    public let operation: String
    /// What it was given.
    public let operands: [Operand]
    /// libtorch's own words, first line only.
    public let message: String

    init(_ code: CTorchCode, _ operation: StaticString, _ operands: [Tensor]) {
        self.init(Kind(code), "\(operation)", operands, message: String(cString: ctorch_last_error()))
    }

    init(_ kind: Kind, _ operation: String, _ operands: [Tensor], message: String) {
        self.kind = kind
        self.operation = operation
        self.operands = operands.map { Operand(shape: $0.shape, dtype: $0.dtype) }
        self.message = String(message.prefix { $0 != "\n" })
    }
}

extension TorchError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        let given = operands.map { "\($0.dtype)\($0.shape)" }.joined(separator: ", ")
        let call = "\(operation)(\(given))"
        switch kind {
        case .shapeMismatch: return "The shapes in \(call) do not fit together: \(message)"
        case .dtypeMismatch: return "The element types in \(call) do not fit together: \(message)"
        case .outOfMemory:
            return
                "Memory ran out in \(call). Use a smaller batch, a shorter maximum length or a smaller model. (\(message))"
        case .deviceUnavailable: return "The device cannot be used: \(message). (\(call))"
        case .failure: return "\(call) failed: \(message)"
        }
    }
}
