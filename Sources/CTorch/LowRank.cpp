// Linear maps of one input, some with a low-rank adapter, as one operation: its sums happen inside matrix products, its
// backward pass makes each product once, and the frozen weights get no gradient.
#include "Guard.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

/// One of the maps: weight [O, I], bias [O], a [R, I], b [O, R]; the last three may be undefined.
struct Map {
    at::Tensor weight, bias, a, b;
};

/// Which of a list of tensors is what; below zero for what is missing. Autograd wants lists without gaps.
struct Plan {
    struct Places {
        int64_t weight, bias, a, b;
    };
    int64_t residual = -1;
    std::vector<Places> maps;
    double scale = 1;
    at::ScalarType factors = at::kFloat;
};

/// The plan of a node of the graph, kept beside its tensors.
struct PlanHolder : torch::CustomClassHolder {
    Plan plan;
    explicit PlanHolder(Plan plan) : plan(std::move(plan)) {}
};

/// x [N, I] through one map, added to a residual [N, O] where there is one. Leaves in `low` what b has multiplied.
at::Tensor mapped(const at::Tensor &x, const Map &map, const at::Tensor &residual, double scale, at::Tensor *low) {
    at::Tensor y;
    if (residual.defined()) {
        y = at::addmm(residual, x, map.weight.t());
        if (map.bias.defined()) y.add_(map.bias);
    } else {
        y = at::linear(x, map.weight, map.bias.defined() ? std::optional<at::Tensor>(map.bias) : std::nullopt);
    }
    if (map.a.defined()) {
        *low = at::mm(x, map.a.t()).mul_(scale);
        y.addmm_(*low, map.b.t());
    }
    return y;
}

struct LinearMaps : torch::autograd::Function<LinearMaps> {
    /// tensors: x, and what the plan names.
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext *context, at::TensorList tensors,
                                                  const Plan &plan) {
        const auto &x = tensors[0];
        const auto named = [&](int64_t place) { return place < 0 ? at::Tensor() : tensors[place]; };
        torch::autograd::variable_list saved{x}, outputs;
        for (const auto &places : plan.maps) {
            Map map{named(places.weight), named(places.bias), named(places.a), named(places.b)};
            if (map.a.defined()) {
                map.a = map.a.to(x.scalar_type());
                map.b = map.b.to(x.scalar_type());
            }
            at::Tensor low;
            outputs.push_back(mapped(x, map, named(plan.residual), plan.scale, &low));
            saved.insert(saved.end(), {map.weight, map.a, map.b, low});
        }
        context->save_for_backward(saved);
        context->saved_data["plan"] = c10::IValue::make_capsule(c10::make_intrusive<PlanHolder>(plan));
        return outputs;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   const torch::autograd::variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto holder = context->saved_data["plan"].toCapsule();
        const Plan &plan = static_cast<const PlanHolder &>(*holder).plan;
        const auto &x = saved[0];
        at::Tensor dx;
        const auto add = [&](const at::Tensor &dy, const at::Tensor &weight) {
            if (!context->needs_input_grad(0)) return;
            if (dx.defined()) dx.addmm_(dy, weight);
            else dx = at::mm(dy, weight);
        };
        torch::autograd::variable_list results(inputs_of(plan));
        for (size_t place = 0; place < gradients.size(); ++place) {
            const auto &dy = gradients[place];
            if (!dy.defined()) continue;
            const at::Tensor *const map = &saved[1 + place * 4];
            const auto &weight = map[0], &a = map[1], &b = map[2], &low = map[3];
            add(dy, weight);
            if (!a.defined()) continue;
            const auto d_low = at::mm(dy, b).mul_(plan.scale);
            add(d_low, a);
            results[plan.maps[place].a] = at::mm(d_low.t(), x).to(plan.factors);
            results[plan.maps[place].b] = at::mm(dy.t(), low).to(plan.factors);
        }
        results[0] = dx;
        if (plan.residual >= 0) results[plan.residual] = gradients[0];
        return results;
    }

    /// Inputs of forward: the tensors that the plan names, x and the plan itself.
    static size_t inputs_of(const Plan &plan) {
        int64_t last = plan.residual;
        for (const auto &map : plan.maps) last = std::max({last, map.weight, map.bias, map.b});
        return static_cast<size_t>(last) + 2;
    }
};

void require_fit(const at::Tensor &x, const at::Tensor &residual, const Map &map) {
    require(x.dim() == 2 && map.weight.dim() == 2 && map.weight.size(1) == x.size(1), CTORCH_SHAPE_MISMATCH,
            "a weight ", map.weight.sizes(), " for inputs ", x.sizes());
    require(!residual.defined() || (residual.dim() == 2 && residual.size(0) == x.size(0) &&
                                    residual.size(1) == map.weight.size(0)),
            CTORCH_SHAPE_MISMATCH, "outputs of a weight ", map.weight.sizes(), " cannot be added to ",
            residual.defined() ? residual.sizes() : at::IntArrayRef());
    if (!map.a.defined()) return;
    require(map.a.dim() == 2 && map.b.dim() == 2 && map.a.size(1) == x.size(1) &&
                map.b.size(0) == map.weight.size(0) && map.a.size(0) == map.b.size(1),
            CTORCH_SHAPE_MISMATCH, "factors ", map.a.sizes(), " and ", map.b.sizes(), " do not adapt a weight ",
            map.weight.sizes(), " for inputs ", x.sizes());
}

at::Tensor value_of(CTorchTensorRef tensor) { return tensor == nullptr ? at::Tensor() : tensor->value; }

torch::autograd::variable_list differentiable(const at::Tensor &x, const at::Tensor &residual,
                                              const std::vector<Map> &maps, double scale) {
    std::vector<at::Tensor> tensors{x};
    const auto place = [&](const at::Tensor &tensor) -> int64_t {
        if (!tensor.defined()) return -1;
        tensors.push_back(tensor);
        return static_cast<int64_t>(tensors.size()) - 1;
    };
    Plan plan;
    plan.scale = scale;
    plan.residual = place(residual);
    for (const auto &map : maps) {
        const int64_t weight = place(map.weight), bias = place(map.bias), a = place(map.a), b = place(map.b);
        plan.maps.push_back({weight, bias, a, b});
        if (map.a.defined()) plan.factors = map.a.scalar_type();
    }
    return LinearMaps::apply(at::TensorList(tensors), plan);
}

torch::autograd::variable_list plain(const at::Tensor &x, const at::Tensor &residual, const std::vector<Map> &maps,
                                     double scale) {
    torch::autograd::variable_list outputs;
    for (Map map : maps) {
        if (map.a.defined()) {
            map.a = map.a.to(x.scalar_type());
            map.b = map.b.to(x.scalar_type());
        }
        at::Tensor low;
        outputs.push_back(mapped(x, map, residual, scale, &low));
    }
    return outputs;
}

}  // namespace

CTorchCode ctorch_linear_maps(CTorchTensorRef x, CTorchTensorRef residual, const CTorchLinearMap *maps, size_t count,
                              double scale, CTorchTensorRef *outs) {
    return guarded([&] {
        const auto input = x->value, added = value_of(residual);
        require(!added.defined() || count == 1, CTORCH_FAILURE, "a residual goes to one map, not to ", count);
        std::vector<Map> list;
        for (size_t place = 0; place < count; ++place) {
            const auto &map = maps[place];
            list.push_back({map.weight->value, value_of(map.bias), value_of(map.a), value_of(map.b)});
            require_fit(input, added, list.back());
        }
        auto results = (at::GradMode::is_enabled() ? differentiable : plain)(input, added, list, scale);
        std::vector<std::unique_ptr<CTorchTensor, void (*)(CTorchTensorRef)>> held;
        for (auto &result : results) held.emplace_back(wrap(std::move(result)), ctorch_release);
        for (size_t place = 0; place < count; ++place) outs[place] = held[place].release();
    });
}
