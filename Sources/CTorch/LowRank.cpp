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

/// What maps of one input [N, I] make, and what their backward pass needs. The A of all adapted maps stand one below the other,
/// so that their products with the input are one.
struct Outputs {
    torch::autograd::variable_list y;
    /// A of all adapted maps [R of all, I] in x's type, and scale · x Aᵀ [N, R of all]; undefined where no map is adapted.
    at::Tensor a, low;

    Outputs(const at::Tensor &x, const at::Tensor &residual, const std::vector<Map> &maps, double scale) {
        std::vector<at::Tensor> factors;
        for (const auto &map : maps)
            if (map.a.defined()) factors.push_back(map.a.to(x.scalar_type()));
        if (!factors.empty()) {
            a = factors.size() == 1 ? factors[0] : at::cat(factors);
            low = at::mm(x, a.t()).mul_(scale);
        }
        int64_t offset = 0;
        for (const auto &map : maps) {
            y.push_back(base(x, residual, map));
            if (!map.a.defined()) continue;
            const int64_t rank = map.a.size(0);
            y.back().addmm_(low.narrow(1, offset, rank), map.b.to(x.scalar_type()).t());
            offset += rank;
        }
    }

    static at::Tensor base(const at::Tensor &x, const at::Tensor &residual, const Map &map) {
        if (!residual.defined()) {
            const auto bias = map.bias.defined() ? std::optional<at::Tensor>(map.bias) : std::nullopt;
            return at::linear(x, map.weight, bias);
        }
        auto y = at::addmm(residual, x, map.weight.t());
        return map.bias.defined() ? y.add_(map.bias) : y;
    }
};

struct LinearMaps : torch::autograd::Function<LinearMaps> {
    /// tensors: x, and what the plan names.
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext *context, at::TensorList tensors,
                                                  const Plan &plan) {
        const auto &x = tensors[0];
        const auto named = [&](int64_t place) { return place < 0 ? at::Tensor() : tensors[place]; };
        std::vector<Map> maps;
        for (const auto &places : plan.maps)
            maps.push_back({named(places.weight), named(places.bias), named(places.a), named(places.b)});
        Outputs outputs(x, named(plan.residual), maps, plan.scale);
        torch::autograd::variable_list saved{x, outputs.a, outputs.low};
        for (const auto &map : maps)
            saved.insert(saved.end(), {map.weight, map.b.defined() ? map.b.to(x.scalar_type()) : map.b});
        context->save_for_backward(saved);
        context->saved_data["plan"] = c10::IValue::make_capsule(c10::make_intrusive<PlanHolder>(plan));
        return outputs.y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   const torch::autograd::variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto holder = context->saved_data["plan"].toCapsule();
        const Plan &plan = static_cast<const PlanHolder &>(*holder).plan;
        const auto &x = saved[0], &a = saved[1], &low = saved[2];
        torch::autograd::variable_list results(inputs_of(plan));
        at::Tensor dx;
        const auto add = [&](const at::Tensor &dy, const at::Tensor &weight) {
            if (!context->needs_input_grad(0)) return;
            if (dx.defined()) dx.addmm_(dy, weight);
            else dx = at::mm(dy, weight);
        };
        std::vector<at::Tensor> d_lows;
        int64_t offset = 0;
        for (size_t place = 0; place < gradients.size(); ++place) {
            const auto &weight = saved[3 + 2 * place], &b = saved[4 + 2 * place];
            const auto dy = gradients[place].defined() ? gradients[place] : at::zeros({x.size(0), weight.size(0)}, x.options());
            add(dy, weight);
            if (!b.defined()) continue;
            const int64_t rank = b.size(1);
            d_lows.push_back(at::mm(dy, b));
            results[plan.maps[place].b] = at::mm(dy.t(), low.narrow(1, offset, rank)).to(plan.factors);
            offset += rank;
        }
        if (!d_lows.empty()) {
            const auto d_low = (d_lows.size() == 1 ? d_lows[0] : at::cat(d_lows, 1)).mul_(plan.scale);
            add(d_low, a);
            const auto da = at::mm(d_low.t(), x).to(plan.factors);
            int64_t row = 0;
            for (size_t place = 0; place < gradients.size(); ++place) {
                const auto &b = saved[4 + 2 * place];
                if (!b.defined()) continue;
                results[plan.maps[place].a] = da.narrow(0, row, b.size(1));
                row += b.size(1);
            }
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
        auto results = at::GradMode::is_enabled() ? differentiable(input, added, list, scale)
                                                  : Outputs(input, added, list, scale).y;
        std::vector<std::unique_ptr<CTorchTensor, void (*)(CTorchTensorRef)>> held;
        for (auto &result : results) held.emplace_back(wrap(std::move(result)), ctorch_release);
        for (size_t place = 0; place < count; ++place) outs[place] = held[place].release();
    });
}
