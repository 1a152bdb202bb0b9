// The gate of a SwiGLU layer (Shazeer, 2020), silu(gate) · up: one pass each way, rounded once.
#include "Guard.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

template <typename Element>
INLINED void forward_stretches(const Element *gate, const Element *up, Element *y, int64_t length) {
    each_stretch(length, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes g = load_stretch(gate + place, count);
        store_stretch(y + place, g / (1 + exponential(-g)) * load_stretch(up + place, count), count);
    });
}

template <typename Element>
INLINED void backward_stretches(const Element *dy, const Element *gate, const Element *up, Element *dgate, Element *dup,
                                int64_t length) {
    each_stretch(length, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes g = load_stretch(gate + place, count), gradient = load_stretch(dy + place, count);
        const Lanes sigmoid = 1 / (1 + exponential(-g));
        store_stretch(dup + place, gradient * g * sigmoid, count);
        const Lanes slope = sigmoid * (1 + g * (1 - sigmoid));
        store_stretch(dgate + place, gradient * load_stretch(up + place, count) * slope, count);
    });
}

VECTORISED void forward(const float *gate, const float *up, float *y, int64_t length) {
    forward_stretches(gate, up, y, length);
}

VECTORISED void forward(const at::BFloat16 *gate, const at::BFloat16 *up, at::BFloat16 *y, int64_t length) {
    forward_stretches(gate, up, y, length);
}

VECTORISED void backward(const float *dy, const float *gate, const float *up, float *dgate, float *dup,
                         int64_t length) {
    backward_stretches(dy, gate, up, dgate, dup, length);
}

VECTORISED void backward(const at::BFloat16 *dy, const at::BFloat16 *gate, const at::BFloat16 *up, at::BFloat16 *dgate,
                         at::BFloat16 *dup, int64_t length) {
    backward_stretches(dy, gate, up, dgate, dup, length);
}

/// Elements for a thread at the least.
constexpr int64_t grain = 8192;

at::Tensor gated(const at::Tensor &gate, const at::Tensor &up) {
    auto y = at::empty_like(gate);
    with_elements(gate, [&](auto *gates) {
        using Element = std::remove_reference_t<decltype(*gates)>;
        const auto *ups = static_cast<const Element *>(up.const_data_ptr());
        auto *to = static_cast<Element *>(y.data_ptr());
        parallel_for(0, gate.numel(), grain, [&](int64_t begin, int64_t end) {
            forward(gates + begin, ups + begin, to + begin, end - begin);
        });
    });
    return y;
}

struct GatedActivation : torch::autograd::Function<GatedActivation> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &gate, const at::Tensor &up) {
        context->save_for_backward({gate, up});
        return gated(gate, up);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   const torch::autograd::variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto &gate = saved[0], &up = saved[1];
        const auto dy = gradients[0].contiguous();
        auto dgate = at::empty_like(gate), dup = at::empty_like(up);
        with_elements(gate, [&](auto *gates) {
            using Element = std::remove_reference_t<decltype(*gates)>;
            const auto *ups = static_cast<const Element *>(up.const_data_ptr());
            const auto *from = static_cast<const Element *>(dy.const_data_ptr());
            auto *to_gate = static_cast<Element *>(dgate.data_ptr()), *to_up = static_cast<Element *>(dup.data_ptr());
            parallel_for(0, gate.numel(), grain, [&](int64_t begin, int64_t end) {
                ::backward(from + begin, gates + begin, ups + begin, to_gate + begin, to_up + begin, end - begin);
            });
        });
        return {dgate, dup};
    }
};

}  // namespace

CTorchCode ctorch_gated_activation(CTorchTensorRef gate, CTorchTensorRef up, CTorchTensorRef *out) {
    return produce(out, [&] {
        const auto &g = gate->value, &u = up->value;
        require(g.sizes() == u.sizes(), CTORCH_SHAPE_MISMATCH, "a gate ", g.sizes(), " for values ", u.sizes());
        require(g.scalar_type() == u.scalar_type(), CTORCH_DTYPE_MISMATCH, "a gate of dtype ", g.scalar_type(),
                " for values of dtype ", u.scalar_type());
        if (!has_kernel(g) || !g.is_contiguous() || !u.is_contiguous()) return at::silu(g) * u;
        return needs_gradient(g, u) ? GatedActivation::apply(g, u) : gated(g, u);
    });
}
