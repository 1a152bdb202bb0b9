// What the tests of Torch share: their inputs, the numbers PyTorch gave, and comparison at stated tolerances.

import Testing
import Torch

/// Input number k of a case: different sixteenths between -30/16 and 30/16; make_golden.py has the same.
func pattern(_ shape: [Int], _ k: Int) -> [Double] {
    (0..<shape.reduce(1, *)).map { Double(($0 * 37 + k * 17 + 5) % 61 - 30) / 16 }
}

func patternTensor(_ shape: [Int], _ k: Int, _ dtype: DType = .float32) throws -> Tensor {
    try Tensor(pattern(shape, k), shape: shape).to(dtype)
}

/// How a tensor's elements lie in memory.
enum Layout: CaseIterable {
    case contiguous
    /// With gaps between the elements.
    case strided

    func callAsFunction(_ tensor: Tensor) throws -> Tensor {
        guard self == .strided else { return tensor }
        let gaps = try Tensor.full(tensor.shape + [1], 77, dtype: tensor.dtype)
        return try Tensor.concatenate([tensor.unsqueezed(-1), gaps], dim: -1)
            .narrow(-1, start: 0, length: 1).reshaped(tensor.shape)
    }
}

/// Shape and numbers that PyTorch computed.
struct Golden {
    let shape: [Int]
    let values: [Double]

    static let all: [String: Golden] = {
        var entries: [[Substring]] = []
        for line in goldenText.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix(" "), !entries.isEmpty {
                entries[entries.count - 1] += words
            } else {
                entries.append(words)
            }
        }
        return Dictionary(
            uniqueKeysWithValues: entries.map { words in
                let shape = words[1] == "-" ? [] : words[1].split(separator: "x").compactMap { Int($0) }
                return (String(words[0]), Golden(shape: shape, values: words.dropFirst(2).compactMap { Double($0) }))
            })
    }()

    static func named(_ name: String) throws -> Golden {
        try #require(all[name], "no golden values of that name")
    }
}

/// |value - wanted| <= atol + rtol * |wanted|, element by element.
struct Tolerance {
    let relative: Double
    let absolute: Double

    /// For numbers that must come out to the last bit.
    static let exact = Tolerance(relative: 0, absolute: 0)

    init(relative: Double, absolute: Double) {
        self.relative = relative
        self.absolute = absolute
    }

    /// Against a float64 reference, for a few operations in a row.
    init(_ dtype: DType) {
        switch dtype {
        case .float64: self.init(relative: 1e-12, absolute: 1e-14)
        case .bfloat16: self.init(relative: 2e-2, absolute: 4e-2)
        default: self.init(relative: 1e-5, absolute: 1e-6)
        }
    }
}

func expectClose(
    _ tensor: Tensor, _ shape: [Int], _ wanted: [Double], _ tolerance: Tolerance, _ what: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(tensor.shape == shape, what, sourceLocation: sourceLocation)
    let values: [Double] = try tensor.values()
    let distant = zip(values, wanted).filter { value, wanted in
        // Written so that NaN is distant from everything.
        !(abs(value - wanted) <= tolerance.absolute + tolerance.relative * abs(wanted))
    }
    #expect(values.count == wanted.count, what, sourceLocation: sourceLocation)
    #expect(distant.isEmpty, what, sourceLocation: sourceLocation)
}

/// Numbers for random tests, the same in every run.
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
