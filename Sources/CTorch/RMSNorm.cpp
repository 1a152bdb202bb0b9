// Root-mean-square norm with a frozen weight (Zhang & Sennrich, 2019): one pass each way.
#include "Guard.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

// Shapes: x [rows, width], weight [width], reciprocal [rows] = 1 / sqrt(mean(x²) + ε).

template <typename Element>
INLINED void forward_row(const Element *x, const Element *weight, Element *y, float *reciprocal, int64_t width,
                         float epsilon) {
    Lanes squares{};
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes value = load_stretch(x + place, count);
        squares += value * value;
    });
    *reciprocal = 1 / std::sqrt(sum(squares) / static_cast<float>(width) + epsilon);
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        store_stretch(
            y + place, load_stretch(x + place, count) * *reciprocal * load_stretch(weight + place, count), count);
    });
}

template <typename Element>
INLINED void backward_row(const Element *dy, const Element *x, const Element *weight, Element *dx, float reciprocal,
                          int64_t width) {
    Lanes products{};
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        products += load_stretch(dy + place, count) * load_stretch(weight + place, count) * load_stretch(x + place, count);
    });
    const float share = sum(products) * reciprocal * reciprocal / static_cast<float>(width);
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes scaled = load_stretch(dy + place, count) * load_stretch(weight + place, count);
        store_stretch(dx + place, (scaled - load_stretch(x + place, count) * share) * reciprocal, count);
    });
}

VECTORISED void forward_rows(const float *x, const float *weight, float *y, float *reciprocal, int64_t rows,
                             int64_t width, float epsilon) {
    for (int64_t row = 0; row < rows; ++row)
        forward_row(x + row * width, weight, y + row * width, reciprocal + row, width, epsilon);
}

VECTORISED void forward_rows(const at::BFloat16 *x, const at::BFloat16 *weight, at::BFloat16 *y, float *reciprocal,
                             int64_t rows, int64_t width, float epsilon) {
    for (int64_t row = 0; row < rows; ++row)
        forward_row(x + row * width, weight, y + row * width, reciprocal + row, width, epsilon);
}

VECTORISED void backward_rows(const float *dy, const float *x, const float *weight, float *dx, const float *reciprocal,
                              int64_t rows, int64_t width) {
    for (int64_t row = 0; row < rows; ++row)
        backward_row(dy + row * width, x + row * width, weight, dx + row * width, reciprocal[row], width);
}

VECTORISED void backward_rows(const at::BFloat16 *dy, const at::BFloat16 *x, const at::BFloat16 *weight,
                              at::BFloat16 *dx, const float *reciprocal, int64_t rows, int64_t width) {
    for (int64_t row = 0; row < rows; ++row)
        backward_row(dy + row * width, x + row * width, weight, dx + row * width, reciprocal[row], width);
}

std::tuple<at::Tensor, at::Tensor> normed(const at::Tensor &x, const at::Tensor &weight, double epsilon) {
    const auto input = x.contiguous(), scale = weight.contiguous();
    const int64_t width = scale.numel(), rows = input.numel() / std::max<int64_t>(width, 1);
    auto y = at::empty_like(input), reciprocal = at::empty({rows}, input.options().dtype(at::kFloat));
    with_elements(input, [&](auto *from) {
        using Element = std::remove_reference_t<decltype(*from)>;
        const auto *weights = static_cast<const Element *>(scale.const_data_ptr());
        auto *to = static_cast<Element *>(y.data_ptr());
        auto *roots = reciprocal.data_ptr<float>();
        parallel_for(0, rows, rows_a_thread(width), [&](int64_t begin, int64_t end) {
            forward_rows(from + begin * width, weights, to + begin * width, roots + begin, end - begin, width,
                         static_cast<float>(epsilon));
        });
    });
    return {y, reciprocal};
}

struct RMSNorm : torch::autograd::Function<RMSNorm> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                              double epsilon) {
        auto [y, reciprocal] = normed(x, weight, epsilon);
        context->save_for_backward({x, weight, reciprocal});
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   const torch::autograd::variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto dy = gradients[0].contiguous(), x = saved[0].contiguous(), weight = saved[1].contiguous();
        const int64_t width = weight.numel(), rows = saved[2].numel();
        auto dx = at::empty_like(x);
        with_elements(x, [&](auto *values) {
            using Element = std::remove_reference_t<decltype(*values)>;
            const auto *gradient = static_cast<const Element *>(dy.const_data_ptr());
            const auto *weights = static_cast<const Element *>(weight.const_data_ptr());
            auto *to = static_cast<Element *>(dx.data_ptr());
            const auto *roots = saved[2].data_ptr<float>();
            parallel_for(0, rows, rows_a_thread(width), [&](int64_t begin, int64_t end) {
                backward_rows(gradient + begin * width, values + begin * width, weights, to + begin * width,
                              roots + begin, end - begin, width);
            });
        });
        return {dx, at::Tensor(), at::Tensor()};
    }
};

}  // namespace

CTorchCode ctorch_rms_norm(CTorchTensorRef x, CTorchTensorRef weight, double epsilon, CTorchTensorRef *out) {
    return produce(out, [&] {
        const auto &value = x->value, &scale = weight->value;
        const bool is_ours = has_kernel(value) && value.scalar_type() == scale.scalar_type() && scale.dim() == 1 &&
                             value.dim() > 0 && value.size(-1) == scale.size(0) && !scale.requires_grad();
        if (!is_ours) return at::rms_norm(value, scale.sizes(), scale, epsilon);
        if (needs_gradient(value)) return RMSNorm::apply(value, scale, epsilon);
        return std::get<0>(normed(value, scale, epsilon));
    });
}
