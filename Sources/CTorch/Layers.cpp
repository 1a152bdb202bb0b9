// What neural networks are made of.
#include "Guard.h"

using namespace ctorch;

namespace {

std::optional<at::Tensor> optional_tensor(CTorchTensorRef tensor) {
    return tensor == nullptr ? std::nullopt : std::optional<at::Tensor>(tensor->value);
}

}  // namespace

CTorchCode ctorch_linear(CTorchTensorRef x, CTorchTensorRef weight, CTorchTensorRef bias, CTorchTensorRef *out) {
    return produce(out, [&] { return at::linear(x->value, weight->value, optional_tensor(bias)); });
}

CTorchCode ctorch_embedding(CTorchTensorRef weight, CTorchTensorRef ids, CTorchTensorRef *out) {
    return produce(out, [&] { return at::embedding(weight->value, ids->value); });
}

CTorchCode ctorch_rms_norm(CTorchTensorRef x, CTorchTensorRef weight, double epsilon, CTorchTensorRef *out) {
    return produce(out, [&] { return at::rms_norm(x->value, weight->value.sizes(), weight->value, epsilon); });
}

CTorchCode ctorch_silu(CTorchTensorRef x, CTorchTensorRef *out) {
    return produce(out, [&] { return at::silu(x->value); });
}

CTorchCode ctorch_softmax(CTorchTensorRef x, int64_t dim, CTorchTensorRef *out) {
    return produce(out, [&] { return at::softmax(x->value, dim); });
}

CTorchCode ctorch_log_softmax(CTorchTensorRef x, int64_t dim, CTorchTensorRef *out) {
    return produce(out, [&] { return at::log_softmax(x->value, dim); });
}

CTorchCode ctorch_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef mask, bool causal,
                            double scale, CTorchTensorRef *out) {
    return produce(out, [&] {
        const int64_t heads = q->value.size(-3), shared = k->value.size(-3);
        const bool grouped = heads != shared;
        // libtorch divides by the number of shared heads unseen.
        require(!grouped || (shared > 0 && heads % shared == 0 && v->value.size(-3) == shared), CTORCH_SHAPE_MISMATCH,
                heads, " heads of queries cannot share ", shared, " heads of keys and ", v->value.size(-3),
                " of values");
        return at::scaled_dot_product_attention(q->value, k->value, v->value, optional_tensor(mask), /*dropout_p=*/0.0,
                                                causal, scale, grouped);
    });
}
