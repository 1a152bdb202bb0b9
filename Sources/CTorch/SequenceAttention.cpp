// Attention among packed tokens without padding, for devices whose fused kernel takes sequences of any lengths: CUDA's, in
// 16 bits. Elsewhere the sequences are attended to one after the other, which is the plain way that tests compare with.
// Knows which tokens see which, not what they are.
//
// Shape suffixes: N packed tokens, Q queries and S keys of all sequences, q and s those of one, H query heads, K key heads,
// D width of a head.
#include "Guard.h"
#include "Heads.h"

using namespace ctorch;

namespace {

/// How long the sequences are, and how many keys a query sees at most (0: all).
struct Lengths {
    const int64_t *queries, *keys;
    size_t count;
    int64_t window;
};

/// The flash kernels' limits (Dao, 2023).
bool has_flash(const at::Tensor &x_NHD) {
    return x_NHD.is_cuda() && (x_NHD.scalar_type() == at::kBFloat16 || x_NHD.scalar_type() == at::kHalf) &&
           x_NHD.size(2) <= 256 && x_NHD.size(2) % 8 == 0;
}

/// The kernel's causality ends at the last key of a sequence, not at its first: what a sequence begins with is seen by all of
/// its queries.
at::Tensor by_flash(const at::Tensor &q_QHD, const at::Tensor &k_SKD, const at::Tensor &v_SKD,
                    const CTorchSequences &sequences, const Lengths &lengths, double scale) {
    const auto longest = [&](const int64_t *counts) { return *std::max_element(counts, counts + lengths.count); };
    const auto window = lengths.window > 0 ? std::optional<int64_t>(lengths.window - 1) : std::nullopt;
    const auto right = window ? std::optional<int64_t>(0) : std::nullopt;
    return std::get<0>(at::_flash_attention_forward(
        q_QHD, k_SKD, v_SKD, sequences.query_ends->value, sequences.key_ends->value, longest(lengths.queries),
        longest(lengths.keys), /*dropout_p=*/0.0, /*is_causal=*/true, /*return_debug_mask=*/false, scale, window,
        right));
}

/// Which keys each query of one sequence sees, [q, s].
at::Tensor seen(int64_t queries, int64_t keys, int64_t window, const at::TensorOptions &options) {
    const auto ones = at::ones({queries, keys}, options.dtype(at::kBool));
    const auto past = ones.tril(keys - queries);
    return window > 0 ? past.logical_and(ones.triu(keys - queries - window + 1)) : past;
}

at::Tensor one_by_one(const at::Tensor &q_QHD, const at::Tensor &k_SKD, const at::Tensor &v_SKD,
                      const Lengths &lengths, double scale) {
    std::vector<at::Tensor> outs;
    int64_t first_query = 0, first_key = 0;
    for (size_t place = 0; place < lengths.count; ++place) {
        const int64_t queries = lengths.queries[place], keys = lengths.keys[place];
        const auto part = [](const at::Tensor &x, int64_t first, int64_t count) {
            return x.narrow(0, first, count).transpose(0, 1).unsqueeze(0);
        };
        const auto attended = at::scaled_dot_product_attention(
            part(q_QHD, first_query, queries), part(k_SKD, first_key, keys), part(v_SKD, first_key, keys),
            seen(queries, keys, lengths.window, q_QHD.options()), /*dropout_p=*/0.0, /*is_causal=*/false, scale,
            /*enable_gqa=*/q_QHD.size(1) != k_SKD.size(1));
        outs.push_back(attended.squeeze(0).transpose(0, 1));
        first_query += queries;
        first_key += keys;
    }
    return at::cat(outs);
}

}  // namespace

CTorchCode ctorch_sequence_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef cosine,
                                     CTorchTensorRef sine, CTorchSequences sequences, const int64_t *query_counts,
                                     const int64_t *key_counts, size_t count, int64_t window, double scale,
                                     CTorchTensorRef *out) {
    return produce(out, [&] {
        const auto &q_NHD = q->value, &k_NKD = k->value, &v_NKD = v->value;
        const auto sum = [&](const int64_t *counts) { return std::accumulate(counts, counts + count, int64_t(0)); };
        const auto &queries_Q = sequences.queries->value, &keys_S = sequences.keys->value;
        require(q_NHD.dim() == 3 && k_NKD.dim() == 3 && v_NKD.sizes() == k_NKD.sizes() &&
                    q_NHD.size(0) == k_NKD.size(0) && q_NHD.size(2) == k_NKD.size(2) && k_NKD.size(1) > 0 &&
                    q_NHD.size(1) % k_NKD.size(1) == 0,
                CTORCH_SHAPE_MISMATCH, "queries ", q_NHD.sizes(), " cannot attend to keys ", k_NKD.sizes(),
                " and values ", v_NKD.sizes());
        require(count > 0 && sum(query_counts) == queries_Q.numel() && sum(key_counts) == keys_S.numel(),
                CTORCH_SHAPE_MISMATCH, "sequences of other lengths than their ", queries_Q.numel(), " queries and ",
                keys_S.numel(), " keys");
        const Angles angles{cosine->value, sine->value};
        const Lengths lengths{query_counts, key_counts, count, window};
        const auto q_QHD = turned(q_NHD, angles).index_select(0, queries_Q);
        const auto k_SKD = turned(k_NKD, angles).index_select(0, keys_S), v_SKD = v_NKD.index_select(0, keys_S);
        const auto out_QHD = has_flash(q_QHD) ? by_flash(q_QHD, k_SKD, v_SKD, sequences, lengths, scale)
                                              : one_by_one(q_QHD, k_SKD, v_SKD, lengths, scale);
        return at::zeros_like(q_NHD).index_copy(0, queries_Q, out_QHD);
    });
}
