// One step of generation: every row's one new token attends to what its row and the neighbours begin with and to its own
// row. Rotation, storing the new keys and values, both attentions and their merging are one operation.
//
// Shape suffixes: B rows, S places of a row's own tokens, b rows with a common beginning, P its tokens, H query heads, K key
// heads, G = H / K, D width of a head.
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

/// A query's products with `count` keys, which lie `stride` floats apart, times `scale`: the query is loaded once for them.
template <int64_t count>
INLINED void dots(const float *query, const float *keys, int64_t stride, int64_t width, float scale, float *results) {
    Lanes products[count] = {};
    each_stretch(width, [&](int64_t place, int64_t length) INLINED_BODY {
        const Lanes q = load_stretch(query + place, length);
        for (int64_t key = 0; key < count; ++key)
            products[key] += q * load_stretch(keys + key * stride + place, length);
    });
    for (int64_t key = 0; key < count; ++key) results[key] = sum(products[key]) * scale;
}

/// Adds `count` values, which lie `stride` floats apart, each times its weight: the sums are loaded and stored once for them.
template <int64_t count>
INLINED void add_weighted(float *sums, const float *values, int64_t stride, const float *weights, int64_t width) {
    each_stretch(width, [&](int64_t place, int64_t length) INLINED_BODY {
        Lanes total = load_stretch(sums + place, length);
        for (int64_t value = 0; value < count; ++value)
            total += load_stretch(values + value * stride + place, length) * weights[value];
        store_stretch(sums + place, total, length);
    });
}

/// A query's attention over keys first..<end, which lie `stride` floats apart; `sums` [D] gets the weighted values.
VECTORISED Gathered attend(const float *query, const float *keys, const float *values, int64_t first, int64_t end,
                           int64_t stride, int64_t width, float scale, float *scores, float *sums) {
    constexpr int64_t together = 4;
    int64_t place = first;
    for (; place + together <= end; place += together)
        dots<together>(query, keys + place * stride, stride, width, scale, scores + place);
    for (; place < end; ++place) dots<1>(query, keys + place * stride, stride, width, scale, scores + place);
    float largest = -INFINITY;
    for (place = first; place < end; ++place) largest = scores[place] > largest ? scores[place] : largest;
    each_stretch(end - first, [&](int64_t offset, int64_t count) INLINED_BODY {
        float *const stretch = scores + first + offset;
        store_stretch(stretch, exponential(load_stretch(stretch, count) - largest), count);
    });
    std::memset(sums, 0, width * sizeof(float));
    for (place = first; place + together <= end; place += together)
        add_weighted<together>(sums, values + place * stride, stride, scores + place, width);
    for (; place < end; ++place) add_weighted<1>(sums, values + place * stride, stride, scores + place, width);
    float weight = 0;
    for (place = first; place < end; ++place) weight += scores[place];
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

/// Attention of some rows over what they share: values [1, K, b · G, D] and logarithms of the softmax's denominators
/// [1, K, b · G]. Nothing is computed for rows that share nothing.
struct Shared {
    at::Tensor values, log_sums;
    int64_t first_row;

    Shared(const CTorchSharedPrefix &prefix, const at::Tensor &q_KQD, int64_t first_row, int64_t group, double scale)
        : first_row(first_row) {
        if (prefix.keys == nullptr) return;
        const auto queries = q_KQD.narrow(1, first_row * group, prefix.rows * group).unsqueeze(0);
        std::tie(values, log_sums) = at::_scaled_dot_product_flash_attention_for_cpu(
            queries, prefix.keys->value, prefix.values->value, /*dropout_p=*/0.0, /*is_causal=*/false, std::nullopt, scale);
    }

    /// The values of one query, or null.
    const float *value(int64_t head, int64_t query) const {
        if (!values.defined()) return nullptr;
        return values.data_ptr<float>() + head * values.stride(1) + query * values.stride(2);
    }

    float log_sum(int64_t head, int64_t query) const {
        if (!values.defined()) return -INFINITY;
        return log_sums.data_ptr<float>()[head * log_sums.stride(1) + query * log_sums.stride(2)];
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

    /// Attention to the rows' own tokens, merged with that to what `shared_of_row` of `shared` says.
    at::Tensor attend_to_own(const at::Tensor &queries, const std::vector<Shared> &shared,
                             const std::vector<size_t> &shared_of_row) const {
        auto out = at::empty(q_BHD.sizes(), q_BHD.options());
        const int64_t stride = key_heads() * width();
        with_elements(out, [&](auto *to) {
            parallel_for(0, rows() * key_heads(), 2, [&](int64_t begin, int64_t end) {
                std::vector<float> scores(keys_BSKD.size(1)), sums(width());
                for (int64_t task = begin; task < end; ++task) {
                    const int64_t row = task / key_heads(), head = task % key_heads();
                    const int64_t last = places[row], first = window > 0 ? std::max<int64_t>(0, last - window + 1) : 0;
                    const int64_t own = row * keys_BSKD.size(1) * stride + head * width();
                    const Shared &common = shared[shared_of_row[row]];
                    for (int64_t member = 0; member < group(); ++member) {
                        const int64_t line = row * group() + member;
                        const Gathered gathered =
                            attend(queries.data_ptr<float>() + (head * rows() * group() + line) * width(),
                                   keys_BSKD.data_ptr<float>() + own, values_BSKD.data_ptr<float>() + own,
                                   first, last + 1, stride, width(), static_cast<float>(scale), scores.data(), sums.data());
                        const int64_t query = line - common.first_row * group();
                        write_merged(sums.data(), gathered, common.value(head, query), common.log_sum(head, query),
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
                                   const int64_t *places, int64_t window, const CTorchSharedPrefix *prefixes,
                                   size_t prefix_count, double scale, CTorchTensorRef *out) {
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
        std::vector<size_t> shared_of_row;
        for (size_t place = 0; place < prefix_count; ++place) {
            const auto &prefix = prefixes[place];
            shared_of_row.insert(shared_of_row.end(), prefix.rows, place);
            if (prefix.keys == nullptr) continue;
            const auto &shared = prefix.keys->value;
            require(shared.dim() == 4 && shared.size(1) == cached.size(2) && shared.size(3) == cached.size(3) &&
                        shared.sizes() == prefix.values->value.sizes(),
                    CTORCH_SHAPE_MISMATCH, "a prefix ", shared.sizes(), " does not go with a cache ", cached.sizes());
        }
        require(shared_of_row.size() == static_cast<size_t>(q_BHD.size(0)), CTORCH_SHAPE_MISMATCH, "prefixes of ",
                shared_of_row.size(), " rows for queries ", q_BHD.sizes());
        at::NoGradGuard no_grad;
        const Angles angles{cosine->value, sine->value};
        const Step step{q_BHD, k_BKD, v_BKD, angles, cached, values->value, places, window, scale};
        const auto queries = step.store_and_rotate();
        std::vector<Shared> shared;
        int64_t row = 0;
        for (size_t place = 0; place < prefix_count; ++place) {
            shared.emplace_back(prefixes[place], queries, row, step.group(), scale);
            row += prefixes[place].rows;
        }
        return step.attend_to_own(queries, shared, shared_of_row);
    });
}
