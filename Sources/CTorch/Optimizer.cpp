// The optimizer's arithmetic, each over all parameters in one call and never recorded for differentiation.
#include "Guard.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

/// The kernels read raw memory by the parameter's size, so what goes with a parameter must match it exactly.
void require_alike(const at::Tensor &parameter, const at::Tensor &companion, const char *name) {
    require(companion.sizes() == parameter.sizes(), CTORCH_SHAPE_MISMATCH, "a ", name, " of shape ", companion.sizes(),
            " for a parameter of shape ", parameter.sizes());
    require(companion.device() == parameter.device(), CTORCH_FAILURE, "a ", name, " on ", companion.device(),
            " for a parameter on ", parameter.device());
}

void require_type(const at::Tensor &parameter, const at::Tensor &companion, const char *name) {
    require(companion.scalar_type() == parameter.scalar_type(), CTORCH_DTYPE_MISMATCH, "a ", name, " of dtype ",
            companion.scalar_type(), " for a parameter of dtype ", parameter.scalar_type());
}

void require_contiguous(const at::Tensor &tensor, const char *name) {
    require(tensor.is_contiguous(), CTORCH_FAILURE, "a ", name, " of shape ", tensor.sizes(), " and strides ",
            tensor.strides(), " is not contiguous");
}

/// Elements for a thread at the least.
constexpr int64_t grain = 16384;

template <typename Element>
INLINED double squares_of(const Element *x, int64_t length) {
    double total = 0;
    // Single precision adds up few enough numbers to stay exact to its last digits.
    for (int64_t block = 0; block < length; block += grain) {
        Lanes squares{};
        each_stretch(std::min(grain, length - block), [&](int64_t place, int64_t count) INLINED_BODY {
            const Lanes value = load_stretch(x + block + place, count);
            squares += value * value;
        });
        total += sum(squares);
    }
    return total;
}

VECTORISED double sum_of_squares(const float *x, int64_t length) { return squares_of(x, length); }
VECTORISED double sum_of_squares(const at::BFloat16 *x, int64_t length) { return squares_of(x, length); }

double sum_of_squares(const at::Tensor &tensor) {
    if (!has_kernel(tensor)) {
        const auto norm = at::linalg_vector_norm(tensor, 2, std::nullopt, false, at::kDouble).item<double>();
        return norm * norm;
    }
    const auto x = tensor.contiguous();
    const int64_t blocks = (x.numel() + grain - 1) / grain;
    std::vector<double> totals(blocks);
    with_elements(x, [&](auto *elements) {
        parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
            for (int64_t block = begin; block < end; ++block)
                totals[block] = sum_of_squares(elements + block * grain, std::min(grain, x.numel() - block * grain));
        });
    });
    double total = 0;
    for (const double part : totals) total += part;
    return total;
}

/// One step's numbers, with what they all depend on worked out (Loshchilov & Hutter, 2019; PyTorch's order of terms).
struct Numbers {
    float gradient_factor, keep, beta1, beta2, step_size, root_correction, epsilon;

    Numbers(const CTorchAdamW &adamw)
        : gradient_factor(static_cast<float>(adamw.gradient_factor)),
          keep(static_cast<float>(1 - adamw.learning_rate * adamw.weight_decay)),
          beta1(static_cast<float>(adamw.beta1)),
          beta2(static_cast<float>(adamw.beta2)),
          step_size(static_cast<float>(adamw.learning_rate / (1 - std::pow(adamw.beta1, adamw.step)))),
          root_correction(static_cast<float>(1 / std::sqrt(1 - std::pow(adamw.beta2, adamw.step)))),
          epsilon(static_cast<float>(adamw.epsilon)) {}
};

template <typename Gradient>
INLINED void update(float *parameter, const Gradient *gradient, float *first, float *second, int64_t length,
                    const Numbers &numbers) {
    each_stretch(length, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes g = load_stretch(gradient + place, count) * numbers.gradient_factor;
        const Lanes m = load_stretch(first + place, count) * numbers.beta1 + g * (1 - numbers.beta1);
        const Lanes v = load_stretch(second + place, count) * numbers.beta2 + g * g * (1 - numbers.beta2);
        const Lanes root = __builtin_elementwise_sqrt(v) * numbers.root_correction + numbers.epsilon;
        const Lanes p = load_stretch(parameter + place, count) * numbers.keep - m / root * numbers.step_size;
        store_stretch(first + place, m, count);
        store_stretch(second + place, v, count);
        store_stretch(parameter + place, p, count);
    });
}

VECTORISED void update_stretch(float *parameter, const float *gradient, float *first, float *second, int64_t length,
                               const Numbers &numbers) {
    update(parameter, gradient, first, second, length, numbers);
}
VECTORISED void update_stretch(float *parameter, const at::BFloat16 *gradient, float *first, float *second,
                               int64_t length, const Numbers &numbers) {
    update(parameter, gradient, first, second, length, numbers);
}

VECTORISED void copy_stretch(const float *from, at::BFloat16 *to, int64_t length) {
    each_stretch(length, [&](int64_t place, int64_t count) INLINED_BODY {
        store_stretch(to + place, load_stretch(from + place, count), count);
    });
}
VECTORISED void copy_stretch(const float *from, float *to, int64_t length) {
    std::memcpy(to, from, length * sizeof(float));
}

struct Entry {
    at::Tensor parameter, gradient, first, second, copy;
};

bool has_kernels(const Entry &entry) {
    return has_kernel(entry.parameter) && entry.parameter.scalar_type() == at::kFloat && has_kernel(entry.gradient) &&
           has_kernel(entry.copy);
}

void step_by_stretches(const Entry &entry, const Numbers &numbers) {
    float *const p = entry.parameter.data_ptr<float>();
    float *const m = entry.first.data_ptr<float>(), *const v = entry.second.data_ptr<float>();
    with_elements(entry.gradient, [&](auto *g) {
        with_elements(entry.copy, [&](auto *copy) {
            parallel_for(0, entry.parameter.numel(), grain, [&](int64_t begin, int64_t end) {
                // Small blocks, so that the copy finds the parameter in the cache.
                for (int64_t place = begin; place < end; place += 1024) {
                    const int64_t length = std::min<int64_t>(1024, end - place);
                    update_stretch(p + place, g + place, m + place, v + place, length, numbers);
                    copy_stretch(p + place, copy + place, length);
                }
            });
        });
    });
}

/// The same by libtorch's operation, for other devices and types.
void step_by_operations(const Entry &entry, const CTorchAdamW &adamw) {
    const auto gradient = entry.gradient.to(entry.parameter.scalar_type()) * adamw.gradient_factor;
    const auto steps = at::full({}, adamw.step, entry.parameter.options().dtype(at::kFloat));
    at::_fused_adamw_({entry.parameter}, {gradient}, {entry.first}, {entry.second}, /*max_exp_avg_sqs=*/{}, {steps},
                      adamw.learning_rate, adamw.beta1, adamw.beta2, adamw.weight_decay, adamw.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
    entry.copy.copy_(entry.parameter);
}

}  // namespace

CTorchCode ctorch_total_norm(const CTorchTensorRef *tensors, size_t count, double *out) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        double total = 0;
        for (const auto &tensor : unwrap(tensors, count)) total += sum_of_squares(tensor);
        *out = std::sqrt(total);
    });
}

CTorchCode ctorch_adamw_step(const CTorchTensorRef *parameters, const CTorchTensorRef *gradients,
                             const CTorchTensorRef *first_moments, const CTorchTensorRef *second_moments,
                             const CTorchTensorRef *copies, size_t count, const CTorchAdamW *adamw) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        std::vector<Entry> entries;
        for (size_t i = 0; i < count; ++i) {
            const auto &p = parameters[i]->value, &m = first_moments[i]->value, &v = second_moments[i]->value;
            require_alike(p, gradients[i]->value, "gradient");
            require_alike(p, m, "first moment");
            require_alike(p, v, "second moment");
            require_alike(p, copies[i]->value, "copy");
            require_type(p, m, "first moment");
            require_type(p, v, "second moment");
            require_contiguous(p, "parameter");
            require_contiguous(m, "first moment");
            require_contiguous(v, "second moment");
            require_contiguous(copies[i]->value, "copy");
            entries.push_back({p, gradients[i]->value.contiguous(), m, v, copies[i]->value});
        }
        const Numbers numbers(*adamw);
        for (const auto &entry : entries) {
            if (has_kernels(entry)) step_by_stretches(entry, numbers);
            else step_by_operations(entry, *adamw);
        }
    });
}
