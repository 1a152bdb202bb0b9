// The block formats of GGUF's quantised tensors and the numbers that GGUF gives all its element types. The layout of each
// block is told in QuantizedBlock.swift.

/// A quantised element type. The raw value is its number in a GGUF file (`ggml_type` in ggml.h).
public enum GGUFQuantization: UInt32, Sendable, CaseIterable {
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q2_K = 10
    case q3_K = 11
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case iq4_NL = 20
    case iq4_XS = 23
    case mxfp4 = 39

    /// Elements in a block.
    public var blockElements: Int { form.elements }

    /// Bytes that a block takes.
    public var blockBytes: Int { form.bytes }

    private var form: (name: String, elements: Int, bytes: Int) {
        switch self {
        case .q4_0: ("Q4_0", 32, 18)
        case .q4_1: ("Q4_1", 32, 20)
        case .q5_0: ("Q5_0", 32, 22)
        case .q5_1: ("Q5_1", 32, 24)
        case .q8_0: ("Q8_0", 32, 34)
        case .q2_K: ("Q2_K", 256, 84)
        case .q3_K: ("Q3_K", 256, 110)
        case .q4_K: ("Q4_K", 256, 144)
        case .q5_K: ("Q5_K", 256, 176)
        case .q6_K: ("Q6_K", 256, 210)
        case .iq4_NL: ("IQ4_NL", 32, 18)
        case .iq4_XS: ("IQ4_XS", 256, 136)
        case .mxfp4: ("MXFP4", 32, 17)
        }
    }
}

extension GGUFQuantization: CustomStringConvertible {
    /// The name by which ggml calls it.
    public var description: String { form.name }
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
                throw .unsupportedType(
                    Self.unsupportedTypes[number] ?? "number \(number)",
                    supported: ["F32", "F16", "BF16"] + GGUFQuantization.allCases.map(\.description))
            }
            self = .quantized(quantization)
        }
    }

    private static let unsupportedTypes: [UInt32: String] = [
        9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 21: "IQ3_S", 22: "IQ2_S",
        24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 31: "Q4_0_4_4", 32: "Q4_0_4_8",
        33: "Q4_0_8_8", 34: "TQ1_0", 35: "TQ2_0", 36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 40: "NVFP4",
        41: "Q1_0",
    ]
}
