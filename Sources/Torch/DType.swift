// Element types and devices.

import CTorch

/// The type of a tensor's elements.
public enum DType: Int32, Sendable, Hashable, CaseIterable {
    case float32, float64, bfloat16, float16, int64, int32, bool, uint8

    var code: CTorchDType { CTorchDType(rawValue: rawValue) }

    init(code: CTorchDType) {
        // The shim refuses tensors of other types than the header's, which this enum mirrors in order.
        self = DType(rawValue: code.rawValue) ?? .float32
    }

    /// Bytes that one element takes.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16: 2
        case .bool, .uint8: 1
        }
    }
}

/// Where a tensor's elements live.
public enum Device: Sendable, Hashable, LosslessStringConvertible {
    case cpu
    case cuda(Int)

    var code: CTorchDevice {
        switch self {
        case .cpu: CTorchDevice(cuda_index: -1)
        // A number that no device has stays one that no device has.
        case .cuda(let index): CTorchDevice(cuda_index: index < 0 ? .max : Int32(clamping: index))
        }
    }

    init(code: CTorchDevice) {
        self = code.cuda_index < 0 ? .cpu : .cuda(Int(code.cuda_index))
    }

    /// The device of a name as PyTorch has them: `cpu`, `cuda` for the first card, `cuda:1` for the second.
    public init?(_ name: String) {
        switch name {
        case "cpu": self = .cpu
        case "cuda": self = .cuda(0)
        default:
            let number = name.dropFirst("cuda:".count)
            // Not a sign, which Int would read.
            guard name.hasPrefix("cuda:"), number.first?.isNumber == true, let index = Int(number) else { return nil }
            self = .cuda(index)
        }
    }

    /// PyTorch's name of the device.
    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        }
    }
}

/// A Swift number that a tensor can be filled with and read as.
public protocol TensorElement: BitwiseCopyable {
    /// The element type whose memory layout this is.
    static var dtype: DType { get }
}

extension Float: TensorElement {
    public static let dtype = DType.float32
}
extension Double: TensorElement {
    public static let dtype = DType.float64
}
extension Int: TensorElement {
    public static let dtype = DType.int64
}
extension Int32: TensorElement {
    public static let dtype = DType.int32
}
extension UInt8: TensorElement {
    public static let dtype = DType.uint8
}
extension Bool: TensorElement {
    public static let dtype = DType.bool
}
