// One step of generation: every row's one new token attends to what all rows begin with and to its own row. Rotation,
// storing the new keys and values, both attentions and their merging are one operation.
//
// Shape suffixes: B rows, S places of a row's own tokens, P tokens of the common beginning, H query heads, K key heads,
// G = H / K, D width of a head.
#include "Guard.h"
#include "Heads.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

/// What a query has gathered from some of its keys: values weighted by exp(score − largest), and the weights' sum.
struct Gathered {
    float largest;
    float weight;
};

INLINED float dot(const float *a, const float *b, int64_t width) {
    Lanes products{};
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        products += load_stretch(a + place, count) * load_stretch(b + place, count);
    });
    return sum(products);
}

INLINED void add_scaled(float *sums, const float *x, float factor, int64_t width) {
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        store_stretch(
            sums + place, load_stretch(sums + place, count) + load_stretch(x + place, count) * factor, count);
    });
}

/// A query's attention over keys first..<end, which lie `stride` floats apart; `sums` [D] gets the weighted values.
VECTORISED Gathered attend(const float *query, const float *keys, const float *values, int64_t first, int64_t end,
                           int64_t stride, int64_t width, float scale, float *scores, float *sums) {
    float largest = -INFINITY;
    for (int64_t place = first; place < end; ++place) {
        scores[place] = dot(query, keys + place * stride, width) * scale;
        largest = scores[place] > largest ? scores[place] : largest;
    }
    float weight = 0;
    std::memset(sums, 0, width * sizeof(float));
    each_stretch(end - first, [&](int64_t place, int64_t count) INLINED_BODY {
        float *const stretch = scores + first + place;
        store_stretch(stretch, exponential(load_stretch(stretch, count) - largest), count);
    });
    for (int64_t place = first; place < end; ++place) {
        weight += scores[place];
        add_scaled(sums, values + place * stride, scores[place], width);
    }
    return {largest, weight};
}

/// Writes own / (own's weight + shared's) + shared's share: attention over both sets of keys. `shared` is normalised.
template <typename Element>
INLINED void merge(const float *own, Gathered gathered, const float *shared, float log_sum, Element *out, int64_t width) {
    // exp(log_sum − largest) is the shared keys' weight on the own scale; the larger of the two scales is used.
    const float top = std::max(gathered.largest, log_sum);
    const float own_factor = std::exp(gathered.largest - top), shared_weight = std::exp(log_sum - top);
    const float total = gathered.weight * own_factor + shared_weight;
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        Lanes value = load_stretch(own + place, count) * (own_factor / total);
        if (shared != nullptr) value += load_stretch(shared + place, count) * (shared_weight / total);
        store_stretch(out + place, value, count);
    });
}

VECTORISED void write_merged(const float *own, Gathered gathered, const float *shared, float log_sum, float *out,
                             int64_t width) {
    merge(own, gathered, shared, log_sum, out, width);
}
VECTORISED void write_merged(const float *own, Gathered gathered, const float *shared, float log_sum,
                             at::BFloat16 *out, int64_t width) {
    merge(own, gathered, shared, log_sum, out, width);
}

/// Attention of all rows over what they share: values [K, B · G, D] and logarithms of the softmax's denominators.
struct Shared {
    at::Tensor values, log_sums;
    Shared(const at::Tensor &q_KQD, const at::Tensor &keys_1KPD, const at::Tensor &values_1KPD, double scale) {
        auto [attended, sums] = at::_scaled_dot_product_flash_attention_for_cpu(
            q_KQD.unsqueeze(0), keys_1KPD, values_1KPD, /*dropout_p=*/0.0, /*is_causal=*/false, std::nullopt, scale);
        values = attended.squeeze(0);
        log_sums = sums.squeeze(0).contiguous();
    }
};

struct Step {
    const at::Tensor &q_BHD, &k_BKD, &v_BKD;
    const Angles &angles;
    const at::Tensor &keys_BSKD, &values_BSKD;
    const int64_t *places;
    int64_t window;
    double scale;

    int64_t rows() const { return q_BHD.size(0); }
    int64_t heads() const { return q_BHD.size(1); }
    int64_t key_heads() const { return k_BKD.size(1); }
    int64_t group() const { return heads() / key_heads(); }
    int64_t width() const { return q_BHD.size(2); }

    /// Rotates the new tokens; keys and values go to their places, queries come back as [K, B · G, D].
    at::Tensor store_and_rotate() const {
        auto queries = at::empty({key_heads(), rows() * group(), width()}, q_BHD.options().dtype(at::kFloat));
        const float *const cosine = angles.cosine.data_ptr<float>();
        const float *const sine = angles.sine.data_ptr<float>();
        float *const to = queries.data_ptr<float>();
        float *const keys = keys_BSKD.data_ptr<float>(), *const values = values_BSKD.data_ptr<float>();
        with_elements(q_BHD, [&](auto *q) {
            using Element = std::remove_reference_t<decltype(*q)>;
            const auto *k = static_cast<const Element *>(k_BKD.const_data_ptr());
            const auto *v = static_cast<const Element *>(v_BKD.const_data_ptr());
            parallel_for(0, rows(), rows_a_thread(heads() * width()), [&](int64_t begin, int64_t end) {
                for (int64_t row = begin; row < end; ++row) {
                    const float *c = cosine + row * (width() / 2), *s = sine + row * (width() / 2);
                    const int64_t place = (row * keys_BSKD.size(1) + places[row]) * key_heads() * width();
                    for (int64_t head = 0; head < key_heads(); ++head) {
                        const int64_t from = (row * key_heads() + head) * width();
                        rotate_head(k + from, keys + place + head * width(), c, s, width());
                        for (int64_t i = 0; i < width(); ++i)
                            values[place + head * width() + i] = static_cast<float>(v[from + i]);
                    }
                    for (int64_t head = 0; head < heads(); ++head) {
                        const int64_t line = (head / group() * rows() + row) * group() + head % group();
                        rotate_head(q + (row * heads() + head) * width(), to + line * width(), c, s, width());
                    }
                }
            });
        });
        return queries;
    }

    at::Tensor attend_to_own(const at::Tensor &queries, const std::optional<Shared> &shared) const {
        auto out = at::empty(q_BHD.sizes(), q_BHD.options());
        const int64_t stride = key_heads() * width();
        with_elements(out, [&](auto *to) {
            parallel_for(0, rows() * key_heads(), 2, [&](int64_t begin, int64_t end) {
                std::vector<float> scores(keys_BSKD.size(1)), sums(width());
                for (int64_t task = begin; task < end; ++task) {
                    const int64_t row = task / key_heads(), head = task % key_heads();
                    const int64_t last = places[row], first = window > 0 ? std::max<int64_t>(0, last - window + 1) : 0;
                    const int64_t own = row * keys_BSKD.size(1) * stride + head * width();
                    for (int64_t member = 0; member < group(); ++member) {
                        const int64_t line = row * group() + member;
                        const Gathered gathered =
                            attend(queries.data_ptr<float>() + (head * rows() * group() + line) * width(),
                                   keys_BSKD.data_ptr<float>() + own, values_BSKD.data_ptr<float>() + own,
                                   first, last + 1, stride, width(), static_cast<float>(scale), scores.data(), sums.data());
                        const float *common = nullptr;
                        float log_sum = -INFINITY;
                        if (shared) {
                            common = shared->values.data_ptr<float>() + head * shared->values.stride(0) +
                                     line * shared->values.stride(1);
                            log_sum = shared->log_sums.data_ptr<float>()[head * rows() * group() + line];
                        }
                        write_merged(sums.data(), gathered, common, log_sum,
                                     to + (row * heads() + head * group() + member) * width(), width());
                    }
                }
            });
        });
        return out;
    }
};

}  // namespace

CTorchCode ctorch_decode_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef cosine,
                                   CTorchTensorRef sine, CTorchTensorRef keys, CTorchTensorRef values,
                                   const int64_t *places, int64_t window, CTorchTensorRef prefix_keys,
                                   CTorchTensorRef prefix_values, double scale, CTorchTensorRef *out) {
    return produce(out, [&] {
        const auto q_BHD = q->value.contiguous(), k_BKD = k->value.contiguous(), v_BKD = v->value.contiguous();
        const auto &cached = keys->value;
        require(q_BHD.dim() == 3 && k_BKD.dim() == 3 && cached.dim() == 4 && q_BHD.size(0) == k_BKD.size(0) &&
                    k_BKD.sizes() == v_BKD.sizes() && q_BHD.size(2) == k_BKD.size(2) && k_BKD.size(1) > 0 &&
                    q_BHD.size(1) % k_BKD.size(1) == 0 && cached.size(0) == q_BHD.size(0) &&
                    cached.size(2) == k_BKD.size(1) && cached.size(3) == k_BKD.size(2) &&
                    cached.sizes() == values->value.sizes() && cosine->value.size(0) == q_BHD.size(0),
                CTORCH_SHAPE_MISMATCH, "queries ", q_BHD.sizes(), " and keys ", k_BKD.sizes(),
                " do not go with a cache ", cached.sizes());
        require(has_kernel(q_BHD) && k_BKD.scalar_type() == q_BHD.scalar_type() &&
                    v_BKD.scalar_type() == q_BHD.scalar_type() && cached.scalar_type() == at::kFloat &&
                    cached.is_contiguous() && values->value.is_contiguous(),
                CTORCH_DTYPE_MISMATCH, "new tokens of dtype ", q_BHD.scalar_type(), " and a cache of dtype ",
                cached.scalar_type());
        for (int64_t row = 0; row < q_BHD.size(0); ++row)
            require(places[row] >= 0 && places[row] < cached.size(1), CTORCH_SHAPE_MISMATCH, "place ", places[row],
                    " of a cache ", cached.sizes());
        at::NoGradGuard no_grad;
        const Angles angles{cosine->value, sine->value};
        const Step step{q_BHD, k_BKD, v_BKD, angles, cached, values->value, places, window, scale};
        const auto queries = step.store_and_rotate();
        std::optional<Shared> shared;
        if (prefix_keys != nullptr) shared.emplace(queries, prefix_keys->value, prefix_values->value, scale);
        return step.attend_to_own(queries, shared);
    });
}
