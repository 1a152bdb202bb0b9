// The block formats of GGUF's quantised tensors and the numbers that GGUF gives all its element types. The layout of each
// block is told in Dequantization.swift.

/// A quantised element type. The raw value is its number in a GGUF file (`ggml_type` in ggml.h).
public enum GGUFQuantization: UInt32, Sendable, CaseIterable {
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14

    /// Elements in a block.
    public var blockElements: Int {
        switch self {
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q4_K, .q5_K, .q6_K: 256
        }
    }

    /// Bytes that a block takes.
    public var blockBytes: Int {
        switch self {
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        }
    }
}

extension GGUFQuantization: CustomStringConvertible {
    /// The name by which ggml calls it.
    public var description: String {
        switch self {
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        }
    }
}

extension TensorStorage {
    /// The storage that GGUF numbers so; other types are refused by name.
    init(ggmlType number: UInt32) throws(FormatFault) {
        switch number {
        case 0: self = .plain(.float32)
        case 1: self = .plain(.float16)
        case 30: self = .plain(.bfloat16)
        default:
            guard let quantization = GGUFQuantization(rawValue: number) else {
                throw .unsupportedType(Self.unsupportedTypes[number] ?? "number \(number)")
            }
            self = .quantized(quantization)
        }
    }

    private static let unsupportedTypes: [UInt32: String] = [
        9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        20: "IQ4_NL",
        21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M",
        34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]
}
