// A linear map with a low-rank adapter as one operation: its sums happen inside matrix products, its backward pass makes
// each product once, and the frozen weight gets no gradient.
#include "Guard.h"

using namespace ctorch;

namespace {

// Shapes: x [N, I], weight [O, I], bias [O], a [R, I], b [O, R].
struct AdaptedLinear : torch::autograd::Function<AdaptedLinear> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                              const std::optional<at::Tensor> &bias, const at::Tensor &a, const at::Tensor &b,
                              double scale) {
        const auto a_like = a.to(x.scalar_type()), b_like = b.to(x.scalar_type());
        const auto low = at::mm(x, a_like.t());
        auto y = at::linear(x, weight, bias);
        y.addmm_(low, b_like.t(), /*beta=*/1, /*alpha=*/scale);
        context->save_for_backward({x, weight, low, a_like, b_like});
        context->saved_data["scale"] = scale;
        context->saved_data["factors"] = static_cast<int64_t>(a.scalar_type());
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   const torch::autograd::variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto &x = saved[0], &weight = saved[1], &low = saved[2], &a = saved[3], &b = saved[4];
        const double scale = context->saved_data["scale"].toDouble();
        const auto factors = static_cast<at::ScalarType>(context->saved_data["factors"].toInt());
        const auto &dy = gradients[0];
        const auto d_low = at::mm(dy, b).mul_(scale);
        at::Tensor dx;
        if (context->needs_input_grad(0)) dx = at::mm(dy, weight).addmm_(d_low, a);
        const auto da = at::mm(d_low.t(), x).to(factors);
        const auto db = at::mm(dy.t(), low).mul_(scale).to(factors);
        return {dx, at::Tensor(), at::Tensor(), da, db, at::Tensor()};
    }
};

}  // namespace

CTorchCode ctorch_adapted_linear(CTorchTensorRef x, CTorchTensorRef weight, CTorchTensorRef bias, CTorchTensorRef a,
                                 CTorchTensorRef b, double scale, CTorchTensorRef *out) {
    return produce(out, [&] {
        require(x->value.dim() == 2 && weight->value.dim() == 2 && a->value.dim() == 2 && b->value.dim() == 2 &&
                    a->value.size(1) == x->value.size(1) && b->value.size(0) == weight->value.size(0) &&
                    a->value.size(0) == b->value.size(1),
                CTORCH_SHAPE_MISMATCH, "factors ", a->value.sizes(), " and ", b->value.sizes(),
                " do not adapt a weight ", weight->value.sizes(), " for inputs ", x->value.sizes());
        return AdaptedLinear::apply(
            x->value, weight->value, bias == nullptr ? std::nullopt : std::optional<at::Tensor>(bias->value), a->value,
            b->value, scale);
    });
}
