// The gates of SwiGLU and GeGLU layers (Shazeer, 2020), silu(gate) · up and gelu(gate) · up: one pass each way, rounded once.
#include "Guard.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

// Both activations are g · sigmoid(z). silu's z is g; that of GELU's approximation by tanh (Hendrycks & Gimpel, 2016) is
// 2 √(2/π) (g + 0.044715 g³), for 1 + tanh(y) = 2 sigmoid(2 y).
constexpr float gelu_line = 1.5957691216f, gelu_bend = 0.044715f;

template <bool is_gelu>
INLINED Lanes exponent(const Lanes &g) {
    if constexpr (is_gelu) return gelu_line * (g + gelu_bend * g * g * g);
    else return g;
}

template <bool is_gelu, typename Element>
INLINED void forward_stretches(const Element *gate, const Element *up, Element *y, int64_t length) {
    each_stretch(length, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes g = load_stretch(gate + place, count);
        store_stretch(y + place, g / (1 + exponential(-exponent<is_gelu>(g))) * load_stretch(up + place, count), count);
    });
}

template <bool is_gelu, typename Element>
INLINED void backward_stretches(const Element *dy, const Element *gate, const Element *up, Element *dgate, Element *dup,
                                int64_t length) {
    each_stretch(length, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes g = load_stretch(gate + place, count), gradient = load_stretch(dy + place, count);
        const Lanes sigmoid = 1 / (1 + exponential(-exponent<is_gelu>(g)));
        store_stretch(dup + place, gradient * g * sigmoid, count);
        Lanes slope;
        if constexpr (is_gelu) slope = sigmoid * (1 + g * (1 - sigmoid) * (gelu_line + 3 * gelu_line * gelu_bend * g * g));
        else slope = sigmoid * (1 + g * (1 - sigmoid));
        store_stretch(dgate + place, gradient * load_stretch(up + place, count) * slope, count);
    });
}

VECTORISED void forward(bool is_gelu, const float *gate, const float *up, float *y, int64_t length) {
    if (is_gelu) forward_stretches<true>(gate, up, y, length);
    else forward_stretches<false>(gate, up, y, length);
}

VECTORISED void forward(bool is_gelu, const at::BFloat16 *gate, const at::BFloat16 *up, at::BFloat16 *y,
                        int64_t length) {
    if (is_gelu) forward_stretches<true>(gate, up, y, length);
    else forward_stretches<false>(gate, up, y, length);
}

VECTORISED void backward(bool is_gelu, const float *dy, const float *gate, const float *up, float *dgate, float *dup,
                         int64_t length) {
    if (is_gelu) backward_stretches<true>(dy, gate, up, dgate, dup, length);
    else backward_stretches<false>(dy, gate, up, dgate, dup, length);
}

VECTORISED void backward(bool is_gelu, const at::BFloat16 *dy, const at::BFloat16 *gate, const at::BFloat16 *up,
                         at::BFloat16 *dgate, at::BFloat16 *dup, int64_t length) {
    if (is_gelu) backward_stretches<true>(dy, gate, up, dgate, dup, length);
    else backward_stretches<false>(dy, gate, up, dgate, dup, length);
}

/// Elements for a thread at the least.
constexpr int64_t grain = 8192;

at::Tensor gated(const at::Tensor &gate, const at::Tensor &up, bool is_gelu) {
    auto y = at::empty_like(gate);
    with_elements(gate, [&](auto *gates) {
        using Element = std::remove_reference_t<decltype(*gates)>;
        const auto *ups = static_cast<const Element *>(up.const_data_ptr());
        auto *to = static_cast<Element *>(y.data_ptr());
        parallel_for(0, gate.numel(), grain, [&](int64_t begin, int64_t end) {
            forward(is_gelu, gates + begin, ups + begin, to + begin, end - begin);
        });
    });
    return y;
}

struct GatedActivation : torch::autograd::Function<GatedActivation> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &gate, const at::Tensor &up,
                              bool is_gelu) {
        context->save_for_backward({gate, up});
        context->saved_data["is_gelu"] = is_gelu;
        return gated(gate, up, is_gelu);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   const torch::autograd::variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto &gate = saved[0], &up = saved[1];
        const auto dy = gradients[0].contiguous();
        const bool is_gelu = context->saved_data["is_gelu"].toBool();
        auto dgate = at::empty_like(gate), dup = at::empty_like(up);
        with_elements(gate, [&](auto *gates) {
            using Element = std::remove_reference_t<decltype(*gates)>;
            const auto *ups = static_cast<const Element *>(up.const_data_ptr());
            const auto *from = static_cast<const Element *>(dy.const_data_ptr());
            auto *to_gate = static_cast<Element *>(dgate.data_ptr()), *to_up = static_cast<Element *>(dup.data_ptr());
            parallel_for(0, gate.numel(), grain, [&](int64_t begin, int64_t end) {
                ::backward(is_gelu, from + begin, gates + begin, ups + begin, to_gate + begin, to_up + begin,
                           end - begin);
            });
        });
        return {dgate, dup, at::Tensor()};
    }
};

}  // namespace

CTorchCode ctorch_gated_activation(CTorchTensorRef gate, CTorchTensorRef up, bool is_gelu, CTorchTensorRef *out) {
    return produce(out, [&] {
        const auto &g = gate->value, &u = up->value;
        require(g.sizes() == u.sizes(), CTORCH_SHAPE_MISMATCH, "a gate ", g.sizes(), " for values ", u.sizes());
        require(g.scalar_type() == u.scalar_type(), CTORCH_DTYPE_MISMATCH, "a gate of dtype ", g.scalar_type(),
                " for values of dtype ", u.scalar_type());
        if (!has_kernel(g) || !g.is_contiguous() || !u.is_contiguous())
            return (is_gelu ? at::gelu(g, "tanh") : at::silu(g)) * u;
        return needs_gradient(g, u) ? GatedActivation::apply(g, u, is_gelu) : gated(g, u, is_gelu);
    });
}
