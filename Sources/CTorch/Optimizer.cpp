// The optimizer's arithmetic, each over all parameters in one call and never recorded for differentiation.
#include "Guard.h"

using namespace ctorch;

namespace {

/// The fused kernel reads raw memory by the parameter's size, so what goes with a parameter must match it exactly.
void require_alike(const at::Tensor &parameter, const at::Tensor &companion, const char *name) {
    require(companion.sizes() == parameter.sizes(), CTORCH_SHAPE_MISMATCH, "a ", name, " of shape ", companion.sizes(),
            " for a parameter of shape ", parameter.sizes());
    require(companion.scalar_type() == parameter.scalar_type(), CTORCH_DTYPE_MISMATCH, "a ", name, " of dtype ",
            companion.scalar_type(), " for a parameter of dtype ", parameter.scalar_type());
    require(companion.device() == parameter.device(), CTORCH_FAILURE, "a ", name, " on ", companion.device(),
            " for a parameter on ", parameter.device());
}

void require_contiguous(const at::Tensor &tensor, const char *name) {
    require(tensor.is_contiguous(), CTORCH_FAILURE, "a ", name, " of shape ", tensor.sizes(), " and strides ",
            tensor.strides(), " is not contiguous");
}

void require_counter(const at::Tensor &step) {
    require(step.numel() == 1, CTORCH_SHAPE_MISMATCH, "a step counter of shape ", step.sizes());
    require(step.scalar_type() == at::kFloat, CTORCH_DTYPE_MISMATCH, "a step counter of dtype ", step.scalar_type());
}

}  // namespace

CTorchCode ctorch_total_norm(const CTorchTensorRef *tensors, size_t count, double *out) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        const auto norms = count == 0 ? std::vector<at::Tensor>() : at::_foreach_norm(unwrap(tensors, count), 2);
        *out = norms.empty() ? 0.0 : at::linalg_vector_norm(at::stack(norms), 2).item().toDouble();
    });
}

CTorchCode ctorch_scale_all(const CTorchTensorRef *tensors, size_t count, double factor) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        if (count > 0) at::_foreach_mul_(unwrap(tensors, count), factor);
    });
}

CTorchCode ctorch_adamw_step(const CTorchTensorRef *parameters, const CTorchTensorRef *gradients,
                             const CTorchTensorRef *first_moments, const CTorchTensorRef *second_moments,
                             const CTorchTensorRef *steps, size_t count, double learning_rate, double beta1,
                             double beta2, double weight_decay, double epsilon) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        const auto p = unwrap(parameters, count), m = unwrap(first_moments, count), v = unwrap(second_moments, count);
        const auto s = unwrap(steps, count);
        auto g = unwrap(gradients, count);
        for (size_t i = 0; i < count; ++i) {
            require_alike(p[i], g[i], "gradient");
            require_alike(p[i], m[i], "first moment");
            require_alike(p[i], v[i], "second moment");
            require_contiguous(p[i], "parameter");
            require_contiguous(m[i], "first moment");
            require_contiguous(v[i], "second moment");
            require_counter(s[i]);
            g[i] = g[i].contiguous();
        }
        if (count == 0) return;
        at::_foreach_add_(s, 1);
        at::_fused_adamw_(p, g, m, v, /*max_exp_avg_sqs=*/{}, s, learning_rate, beta1, beta2, weight_decay, epsilon,
                          /*amsgrad=*/false, /*maximize=*/false);
    });
}
