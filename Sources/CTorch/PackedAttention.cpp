// Attention among packed tokens, as training needs it: rotation, the padded grids and the way back are one operation with
// its own backward pass. Knows which tokens see which, not what they are.
//
// Shape suffixes: N packed tokens, B rows of a part, L queries and S keys of a row, H query heads, K key heads, G = H / K,
// D width of a head.
#include "Guard.h"
#include "Heads.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

/// Rows of queries, each with its keys: places of packed tokens, padding below zero, and a mask [L, S] added to scores;
/// without one, query i sees the keys up to the i-th.
struct Part {
    at::Tensor queries_BL, keys_BS, mask_LS;
};

/// Parts as a list of tensors, two or three each: autograd wants lists without gaps.
std::vector<at::Tensor> flattened(const std::vector<Part> &parts) {
    std::vector<at::Tensor> tensors;
    for (const auto &part : parts) {
        tensors.insert(tensors.end(), {part.queries_BL, part.keys_BS});
        if (part.mask_LS.defined()) tensors.push_back(part.mask_LS);
    }
    return tensors;
}

/// The way back: a mask is no place of tokens, so its type tells it from the next part's queries.
std::vector<Part> parts_of(at::TensorList tensors) {
    std::vector<Part> parts;
    for (size_t place = 0; place < tensors.size(); place += 2) {
        parts.push_back({tensors[place], tensors[place + 1], at::Tensor()});
        if (place + 2 < tensors.size() && tensors[place + 2].is_floating_point()) {
            parts.back().mask_LS = tensors[place + 2];
            ++place;
        }
    }
    return parts;
}

/// What a part multiplies. With a mask, the query heads that share a key head stand side by side and keys are there once;
/// causal attention knows rows by their number, so there each query head has keys of its own.
struct Grids {
    int64_t query_group, key_group;
    at::Tensor q, k, v;
    std::optional<at::Tensor> mask;
    bool is_causal;

    Grids(const at::Tensor &q_NHD, const at::Tensor &k_NKD, const at::Tensor &v_NKD, const Angles &angles,
          const Part &part)
        : is_causal(!part.mask_LS.defined()) {
        const int64_t group = q_NHD.size(1) / k_NKD.size(1);
        query_group = is_causal ? 1 : group;
        key_group = is_causal ? group : 1;
        q = gather_heads(q_NHD, part.queries_BL, angles, query_group);
        k = gather_heads(k_NKD, part.keys_BS, angles, 1);
        v = gather_heads(v_NKD, part.keys_BS, {}, 1);
        if (is_causal) {
            k = k.repeat_interleave(group, 1);
            v = v.repeat_interleave(group, 1);
        } else {
            const int64_t queries = part.mask_LS.size(0), keys = part.mask_LS.size(1);
            mask = part.mask_LS.unsqueeze(1).expand({queries, group, keys}).reshape({1, 1, queries * group, keys});
        }
    }

    /// Gradients of keys or values, summed over the query heads that share them.
    at::Tensor shared(const at::Tensor &gradient) const {
        if (key_group == 1) return gradient;
        const auto sizes = gradient.sizes();
        return gradient.reshape({sizes[0], sizes[1] / key_group, key_group, sizes[2], sizes[3]}).sum(2);
    }
};

struct PackedAttention : torch::autograd::Function<PackedAttention> {
    /// tensors: cosine and sine, then the parts.
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &q_NHD,
                              const at::Tensor &k_NKD, const at::Tensor &v_NKD, at::TensorList tensors, double scale) {
        const Angles angles{tensors[0], tensors[1]};
        auto sums = at::zeros(q_NHD.sizes(), q_NHD.options().dtype(at::kFloat));
        torch::autograd::variable_list saved{q_NHD, k_NKD, v_NKD, at::Tensor()};
        saved.insert(saved.end(), tensors.begin(), tensors.end());
        for (const auto &part : parts_of(tensors.slice(2))) {
            const Grids grids(q_NHD, k_NKD, v_NKD, angles, part);
            const auto [out, log_sum] = at::_scaled_dot_product_flash_attention_for_cpu(
                grids.q, grids.k, grids.v, /*dropout_p=*/0.0, grids.is_causal, grids.mask, scale);
            scatter_heads(out, part.queries_BL, sums, grids.query_group);
            saved.push_back(log_sum);
        }
        const auto out_NHD = sums.to(q_NHD.scalar_type());
        saved[3] = out_NHD;
        context->save_for_backward(saved);
        context->saved_data["scale"] = scale;
        context->saved_data["tensors"] = static_cast<int64_t>(tensors.size());
        return out_NHD;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   const torch::autograd::variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto &q_NHD = saved[0], &k_NKD = saved[1], &v_NKD = saved[2], &out_NHD = saved[3];
        const auto dout_NHD = gradients[0].contiguous();
        const double scale = context->saved_data["scale"].toDouble();
        const auto count = static_cast<size_t>(context->saved_data["tensors"].toInt());
        const at::TensorList tensors(saved.data() + 4, count);
        const Angles angles{tensors[0], tensors[1]};
        const auto wide = q_NHD.options().dtype(at::kFloat);
        auto dq = at::zeros(q_NHD.sizes(), wide), dk = at::zeros(k_NKD.sizes(), wide);
        auto dv = at::zeros(v_NKD.sizes(), wide);
        size_t log_sum = 4 + count;
        for (const auto &part : parts_of(tensors.slice(2))) {
            const Grids grids(q_NHD, k_NKD, v_NKD, angles, part);
            const auto out = gather_heads(out_NHD, part.queries_BL, {}, grids.query_group);
            const auto dout = gather_heads(dout_NHD, part.queries_BL, {}, grids.query_group);
            const auto [q_grid, k_grid, v_grid] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
                dout, grids.q, grids.k, grids.v, out, saved[log_sum++], /*dropout_p=*/0.0, grids.is_causal,
                grids.mask, scale);
            scatter_heads(q_grid, part.queries_BL, dq, grids.query_group);
            scatter_heads(grids.shared(k_grid), part.keys_BS, dk, 1);
            scatter_heads(grids.shared(v_grid), part.keys_BS, dv, 1);
        }
        const auto type = q_NHD.scalar_type();
        torch::autograd::variable_list results(3 + count + 1);
        results[0] = rotated(dq, angles, /*back=*/true, type);
        results[1] = rotated(dk, angles, /*back=*/true, type);
        results[2] = dv.to(type);
        return results;
    }
};

/// The same by libtorch's differentiable operations, for other types.
at::Tensor by_operations(const at::Tensor &q_NHD, const at::Tensor &k_NKD, const at::Tensor &v_NKD,
                         const Angles &angles, const std::vector<Part> &parts, double scale) {
    const auto q = turned(q_NHD, angles), k = turned(k_NKD, angles);
    const auto grid = [](const at::Tensor &x, const at::Tensor &places) {
        return x.index_select(0, places.clamp_min(0).view(-1))
            .view({places.size(0), places.size(1), x.size(1), x.size(2)})
            .transpose(1, 2);
    };
    auto out = at::zeros_like(q_NHD);
    for (const auto &part : parts) {
        const auto attended = at::scaled_dot_product_attention(
            grid(q, part.queries_BL), grid(k, part.keys_BS), grid(v_NKD, part.keys_BS),
            part.mask_LS.defined() ? std::optional<at::Tensor>(part.mask_LS.to(q.scalar_type())) : std::nullopt,
            /*dropout_p=*/0.0, /*is_causal=*/!part.mask_LS.defined(), scale, /*enable_gqa=*/q.size(1) != k.size(1));
        const auto places = part.queries_BL.view(-1), real = (places >= 0).nonzero().view(-1);
        const auto flat = attended.transpose(1, 2).reshape({-1, q.size(1), q.size(2)});
        out = out.index_add(0, places.index_select(0, real), flat.index_select(0, real));
    }
    return out;
}

}  // namespace

CTorchCode ctorch_packed_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef cosine,
                                   CTorchTensorRef sine, const CTorchAttentionPart *parts, size_t part_count,
                                   double scale, CTorchTensorRef *out) {
    return produce(out, [&] {
        const auto &q_NHD = q->value, &k_NKD = k->value, &v_NKD = v->value;
        require(q_NHD.dim() == 3 && k_NKD.dim() == 3 && v_NKD.sizes() == k_NKD.sizes() &&
                    q_NHD.size(0) == k_NKD.size(0) && q_NHD.size(2) == k_NKD.size(2) && k_NKD.size(1) > 0 &&
                    q_NHD.size(1) % k_NKD.size(1) == 0 && cosine->value.size(0) == q_NHD.size(0) &&
                    cosine->value.size(1) * 2 == q_NHD.size(2) && cosine->value.sizes() == sine->value.sizes(),
                CTORCH_SHAPE_MISMATCH, "queries ", q_NHD.sizes(), " cannot attend to keys ", k_NKD.sizes(),
                " and values ", v_NKD.sizes(), " with angles ", cosine->value.sizes());
        const Angles angles{cosine->value, sine->value};
        std::vector<Part> list;
        for (size_t place = 0; place < part_count; ++place) {
            const auto &part = parts[place];
            list.push_back({part.queries->value, part.keys->value,
                            part.mask == nullptr ? at::Tensor() : part.mask->value});
        }
        if (!has_kernel(q_NHD) || k_NKD.scalar_type() != q_NHD.scalar_type())
            return by_operations(q_NHD, k_NKD, v_NKD, angles, list, scale);
        std::vector<at::Tensor> all{angles.cosine, angles.sine};
        const auto tensors = flattened(list);
        all.insert(all.end(), tensors.begin(), tensors.end());
        return PackedAttention::apply(
            q_NHD.contiguous(), k_NKD.contiguous(), v_NKD.contiguous(), at::TensorList(all), scale);
    });
}

CTorchCode ctorch_rotate(CTorchTensorRef x, CTorchTensorRef cosine, CTorchTensorRef sine, CTorchTensorRef *out) {
    return produce(out, [&] {
        const Angles angles{cosine->value, sine->value};
        const auto &value = x->value;
        require(value.dim() == 3 && angles.cosine.size(0) == value.size(0) && angles.cosine.size(1) * 2 == value.size(2),
                CTORCH_SHAPE_MISMATCH, "tokens ", value.sizes(), " cannot be rotated by angles ", angles.cosine.sizes());
        if (!has_kernel(value) || needs_gradient(value)) return turned(value, angles);
        return rotated(value.contiguous(), angles, /*back=*/false, value.scalar_type());
    });
}
