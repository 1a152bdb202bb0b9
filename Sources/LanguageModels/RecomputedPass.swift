// A training pass that keeps each layer's input alone and computes the layer again when its gradient is due (Chen et al., 2016):
// memory for a layer instead of for all of them, against one more forward pass. Knows layers, not losses.
//
// Shape suffixes: N tokens, d width.

import Torch

/// A forward pass whose backward pass computes every layer again.
public struct RecomputedPass<Layout: AttentionLayout> {
    /// Hidden states after the final norm [N, d], with a graph that ends at the last layer's output.
    public let hidden_Nd: Tensor
    private let decoder: Decoder
    private let attention: Layout
    private let adapter: LoRAAdapter?
    private let angles: ByLayer<RotaryAngles>
    private let inputs_Nd: [Tensor]
    private let last_Nd: Tensor

    /// Runs all layers, as `Decoder.hiddenStates` does.
    public init(
        _ decoder: Decoder, _ ids_N: Tensor, positions_N: Tensor, attention: Layout, adapter: LoRAAdapter?
    ) throws(TorchError) {
        let angles = try decoder.angles(at: positions_N)
        let inputs_Nd = try noGrad { () throws(TorchError) in
            var inputs_Nd = [try decoder.embedded(ids_N)]
            for index in decoder.layers.indices {
                inputs_Nd.append(try decoder.layer(index, inputs_Nd[index], angles, attention, adapter))
            }
            return inputs_Nd
        }
        self.decoder = decoder
        self.attention = attention
        self.adapter = adapter
        self.angles = angles
        self.inputs_Nd = inputs_Nd.dropLast()
        last_Nd = inputs_Nd[inputs_Nd.count - 1]
        try last_Nd.setRequiresGrad(true)
        hidden_Nd = try decoder.normed(last_Nd)
    }

    /// Adds the gradients of what `hidden_Nd` has led to, whose own backward pass must have run, to the adapter's.
    public func backward() throws(TorchError) {
        guard var gradient_Nd = last_Nd.grad else { return }
        for (index, input_Nd) in inputs_Nd.enumerated().reversed() {
            let leaf_Nd = try input_Nd.detached()
            try leaf_Nd.setRequiresGrad(true)
            try decoder.layer(index, leaf_Nd, angles, attention, adapter).backward(gradient: gradient_Nd)
            guard let next_Nd = leaf_Nd.grad else { return }
            gradient_Nd = next_Nd
        }
    }
}
