// Elementwise arithmetic, reductions and matrix products.
#include <cmath>

#include "Guard.h"

using namespace ctorch;

CTorchCode ctorch_add(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value + b->value; });
}

CTorchCode ctorch_sub(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value - b->value; });
}

CTorchCode ctorch_mul(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value * b->value; });
}

CTorchCode ctorch_div(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value / b->value; });
}

CTorchCode ctorch_add_scalar(CTorchTensorRef a, double b, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value + b; });
}

CTorchCode ctorch_mul_scalar(CTorchTensorRef a, double b, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value * b; });
}

CTorchCode ctorch_add_in_place(CTorchTensorRef a, CTorchTensorRef b, double alpha) {
    return guarded([&] { a->value.add_(b->value, alpha); });
}

CTorchCode ctorch_mul_scalar_in_place(CTorchTensorRef a, double b) {
    return guarded([&] { a->value.mul_(b); });
}

CTorchCode ctorch_copy_in_place(CTorchTensorRef a, CTorchTensorRef source) {
    return guarded([&] { a->value.copy_(source->value); });
}

CTorchCode ctorch_exp(CTorchTensorRef a, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.exp(); });
}

CTorchCode ctorch_neg(CTorchTensorRef a, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.neg(); });
}

CTorchCode ctorch_cos(CTorchTensorRef a, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.cos(); });
}

CTorchCode ctorch_sin(CTorchTensorRef a, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.sin(); });
}

CTorchCode ctorch_is_finite_all(CTorchTensorRef a, bool *out) {
    return guarded([&] {
        *out = true;
        if (a->value.numel() == 0) return;
        // Both ends are NaN where one element is; one pass without a tensor of truth values, which takes twenty times as long.
        const auto [least, most] = at::aminmax(a->value.detach());
        *out = std::isfinite(least.item<double>()) && std::isfinite(most.item<double>());
    });
}

CTorchCode ctorch_less(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value < b->value; });
}

CTorchCode ctorch_masked_fill(CTorchTensorRef a, CTorchTensorRef mask, double value, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.masked_fill(mask->value, value); });
}

CTorchCode ctorch_sum(CTorchTensorRef a, int64_t dim, bool keep_dim, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.sum(dim, keep_dim); });
}

CTorchCode ctorch_sum_all(CTorchTensorRef a, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.sum(); });
}

CTorchCode ctorch_amax(CTorchTensorRef a, int64_t dim, bool keep_dim, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.amax(dim, keep_dim); });
}

CTorchCode ctorch_cumsum(CTorchTensorRef a, int64_t dim, CTorchTensorRef *out) {
    return produce(out, [&] { return a->value.cumsum(dim); });
}

CTorchCode ctorch_matmul(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorRef *out) {
    return produce(out, [&] { return at::matmul(a->value, b->value); });
}
