// Low-rank adapters (Hu et al., 2021): y = W x + (α / r) B A x, with the base weight W frozen. Knows shapes, not files.
//
// Shape suffixes: N tokens, I inputs, O outputs, R rank.

import Lineage
import ModelFiles
import Torch

/// Rank, scale and targets of an adapter.
public struct LoRAConfiguration: Sendable, Hashable {
    /// r, the width between A and B.
    public var rank: Int
    /// α; the product B A is scaled by α / r.
    public var alpha: Double
    /// Which projections carry an adapter.
    public var targets: Set<Projection>

    public init(rank: Int, alpha: Double, targets: Set<Projection> = Set(Projection.allCases)) {
        self.rank = rank
        self.alpha = alpha
        self.targets = targets
    }

    /// α / r.
    public var scale: Double { alpha / Double(rank) }
}

/// One adapted map's two factors.
public struct LoRAPair {
    /// The map's path in the model, as PEFT has it.
    let module: String
    /// A [R, I].
    public let a_RI: Tensor
    /// B [O, R].
    public let b_OR: Tensor
    /// α / r.
    public let scale: Double
}

/// One factor of one adapted map.
public struct LoRAParameter {
    /// The map's path in the model, as PEFT has it.
    public let module: String
    public let matrix: PEFTAdapterFile.Matrix
    /// A [R, I] or B [O, R].
    public let tensor: Tensor

    /// The path and the factor, unique within an adapter.
    public var name: String { "\(module).\(matrix.rawValue)" }
}

/// All pairs of an adapter, in the layers' order.
public struct LoRAAdapter {
    /// Rank, scale and targets.
    public let configuration: LoRAConfiguration
    private var pairs: [[Projection: LoRAPair]]
    /// The output head's pair.
    public private(set) var head: LoRAPair?

    /// A new adapter on a decoder: A random with variance 1 / (3 I), as PEFT's default initialisation has it, and B zero,
    /// so that the adapted model starts out equal to the base.
    public init(
        _ configuration: LoRAConfiguration, for decoder: DecoderConfiguration, seed: UInt64, device: Device = .cpu
    ) throws {
        try self.init(configuration, for: decoder) { projection, layer, _, inputs, outputs in
            let place = layer * Projection.allCases.count + (Projection.allCases.firstIndex(of: projection) ?? 0)
            let a_RI = try Tensor.randn(
                [configuration.rank, inputs], seed: seed &+ UInt64(place) &* 0x9E37_79B9_7F4A_7C15, device: device)
            try a_RI.scaleInPlace(1 / (3 * Double(inputs)).squareRoot())
            return (a_RI, try Tensor.zeros([outputs, configuration.rank], device: device))
        }
    }

    /// An adapter whose factors come from elsewhere.
    /// - Parameter factors: A [R, inputs] and B [outputs, R] of a projection in a layer, whose module has a path.
    init(
        _ configuration: LoRAConfiguration, for decoder: DecoderConfiguration,
        factors: (Projection, _ layer: Int, _ module: String, _ inputs: Int, _ outputs: Int) throws -> (
            a: Tensor, b: Tensor
        )
    ) throws {
        func pair(_ projection: Projection, _ layer: Int) throws -> LoRAPair {
            let (inputs, outputs) = decoder.dimensions(of: projection)
            let module = try decoder.names.module(projection, layer: layer)
            let (a_RI, b_OR) = try factors(projection, layer, module, inputs, outputs)
            return LoRAPair(module: module, a_RI: a_RI, b_OR: b_OR, scale: configuration.scale)
        }
        self.configuration = configuration
        pairs = try (0..<decoder.layerCount).map { layer in
            var ofLayer: [Projection: LoRAPair] = [:]
            for projection in Projection.ofLayer where configuration.targets.contains(projection) {
                ofLayer[projection] = try pair(projection, layer)
            }
            return ofLayer
        }
        // The head is numbered after the last layer, so that its seed is its own.
        head = configuration.targets.contains(.head) ? try pair(.head, decoder.layerCount) : nil
    }

    /// The pairs of one layer.
    func layer(_ index: Int) -> [Projection: LoRAPair] { pairs[index] }

    /// Every factor with the path of its module, layer by layer, A before B: the order of parameters in training.
    public var parameters: [LoRAParameter] {
        let all = pairs.flatMap { ofLayer in Projection.ofLayer.compactMap { ofLayer[$0] } }
        return (all + (head.map { [$0] } ?? [])).flatMap { pair in
            [
                LoRAParameter(module: pair.module, matrix: .a, tensor: pair.a_RI),
                LoRAParameter(module: pair.module, matrix: .b, tensor: pair.b_OR),
            ]
        }
    }

    /// The same numbers in another type, in tensors of their own that no graph knows.
    public func copy(_ dtype: DType) throws(TorchError) -> LoRAAdapter {
        func copied(_ pair: LoRAPair) throws(TorchError) -> LoRAPair {
            LoRAPair(
                module: pair.module, a_RI: try pair.a_RI.detached().clone().to(dtype),
                b_OR: try pair.b_OR.detached().clone().to(dtype), scale: pair.scale)
        }
        var copy = self
        for layer in pairs.indices {
            for (projection, pair) in pairs[layer] { copy.pairs[layer][projection] = try copied(pair) }
        }
        copy.head = if let head { try copied(head) } else { nil }
        return copy
    }
}

extension DecoderConfiguration {
    /// Inputs and outputs of a projection.
    public func dimensions(of projection: Projection) -> (inputs: Int, outputs: Int) {
        let queries = headCount * headDimension
        let keys = keyValueHeadCount * headDimension
        switch projection {
        case .q: return (hiddenSize, queries)
        case .k, .v: return (hiddenSize, keys)
        case .o: return (queries, hiddenSize)
        case .gate, .up: return (hiddenSize, intermediateSize)
        case .down: return (intermediateSize, hiddenSize)
        case .head: return (hiddenSize, vocabularySize)
        }
    }
}
