// What neural networks are made of.
#include "Guard.h"

using namespace ctorch;

namespace {

std::optional<at::Tensor> optional_tensor(CTorchTensorRef tensor) {
    return tensor == nullptr ? std::nullopt : std::optional<at::Tensor>(tensor->value);
}

/// A mask as the memory-efficient kernel wants it: [B, H, L, S], its rows a multiple of eight elements apart.
std::optional<at::Tensor> aligned_mask(const std::optional<at::Tensor> &mask, const at::Tensor &q, const at::Tensor &k) {
    if (!mask) return mask;
    const int64_t keys = k.size(2), apart = (keys + 7) / 8 * 8;
    const auto room = at::empty({q.size(0), q.size(1), q.size(2), apart}, q.options()).narrow(3, 0, keys);
    room.copy_(*mask);
    return room;
}

}  // namespace

CTorchCode ctorch_linear(CTorchTensorRef x, CTorchTensorRef weight, CTorchTensorRef bias, CTorchTensorRef *out) {
    return produce(out, [&] { return at::linear(x->value, weight->value, optional_tensor(bias)); });
}

CTorchCode ctorch_embedding(CTorchTensorRef weight, CTorchTensorRef ids, CTorchTensorRef *out) {
    return produce(out, [&] { return at::embedding(weight->value, ids->value); });
}

CTorchCode ctorch_layer_norm(CTorchTensorRef x, CTorchTensorRef weight, CTorchTensorRef bias, double epsilon,
                             CTorchTensorRef *out) {
    return produce(out,
                   [&] { return at::layer_norm(x->value, weight->value.sizes(), weight->value, bias->value, epsilon); });
}

CTorchCode ctorch_gelu(CTorchTensorRef x, CTorchTensorRef *out) {
    return produce(out, [&] { return at::gelu(x->value); });
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

CTorchCode ctorch_attention_part(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef mask,
                                 double scale, CTorchTensorRef *out, CTorchTensorRef *log_sum) {
    return produce_pair(out, log_sum, [&]() -> std::tuple<at::Tensor, at::Tensor> {
        // libtorch's kernels trust these shapes unseen.
        require(q->value.dim() == 4 && k->value.dim() == 4 && k->value.sizes() == v->value.sizes() &&
                    q->value.size(0) == k->value.size(0) && q->value.size(1) == k->value.size(1) &&
                    q->value.size(3) == k->value.size(3),
                CTORCH_SHAPE_MISMATCH, "queries ", q->value.sizes(), " cannot attend to keys ", k->value.sizes(),
                " and values ", v->value.sizes());
        require(q->value.scalar_type() == k->value.scalar_type() && q->value.scalar_type() == v->value.scalar_type(),
                CTORCH_DTYPE_MISMATCH, "queries are ", q->value.scalar_type(), ", keys ", k->value.scalar_type(),
                ", values ", v->value.scalar_type());
        const auto bias = optional_tensor(mask);
        if (q->value.is_cpu()) {
            return at::_scaled_dot_product_flash_attention_for_cpu(q->value, k->value, v->value, /*dropout_p=*/0.0,
                                                                   /*is_causal=*/false, bias, scale);
        }
        auto [attended, sums, seed, offset] = at::_scaled_dot_product_efficient_attention(
            q->value, k->value, v->value, aligned_mask(bias, q->value, k->value), /*compute_log_sumexp=*/true, /*dropout_p=*/0.0, /*is_causal=*/false,
            scale);
        // That kernel pads the queries of the sums to its block size.
        return {attended, sums.narrow(-1, 0, q->value.size(2))};
    });
}

CTorchCode ctorch_merge_attention(CTorchTensorRef first, CTorchTensorRef first_log_sum, CTorchTensorRef second,
                                  CTorchTensorRef second_log_sum, CTorchTensorRef *out) {
    return produce(out, [&] {
        const auto share = at::sigmoid(first_log_sum->value - second_log_sum->value).unsqueeze(-1);
        return at::lerp(second->value, first->value, share.to(second->value.scalar_type()));
    });
}
