// The losses of a few positions and their gradients, the forward divergence in as few passes over [positions, vocabulary] as
// there can be. Shape suffixes: C positions, V vocabulary.
#include "Guard.h"
#include "Lanes.h"

using namespace ctorch;

namespace {

/// A row of logits seen as a distribution: its largest scaled logit and the logarithm of its softmax's denominator.
struct Softmax {
    float largest;
    float log_sum;
};

template <typename Element>
INLINED Softmax softmax_of(const Element *logits, int64_t width, float inverse_temperature) {
    Lanes largest = spread(-INFINITY);
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        // The zeros behind a short stretch must not win.
        Lanes value = load_stretch(logits + place, count);
        for (int64_t lane = count; lane < lane_count; ++lane) value[lane] = -INFINITY;
        largest = value > largest ? value : largest;
    });
    const float top = maximum(largest) * inverse_temperature;
    Lanes total{};
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        Lanes terms = exponential(load_stretch(logits + place, count) * inverse_temperature - top);
        for (int64_t lane = count; lane < lane_count; ++lane) terms[lane] = 0;
        total += terms;
    });
    return {top, std::log(sum(total))};
}

/// Writes weight · (q − p) / T over a row and returns weight · Σ p (log p − log q).
template <typename Element>
INLINED double divergence_of(const Element *teacher, const Element *student, Element *gradient, int64_t width,
                             float weight, float inverse_temperature) {
    const Softmax p = softmax_of(teacher, width, inverse_temperature);
    const Softmax q = softmax_of(student, width, inverse_temperature);
    const float p_offset = p.largest + p.log_sum, q_offset = q.largest + q.log_sum;
    const float scale = weight * inverse_temperature;
    Lanes loss{};
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes log_p = load_stretch(teacher + place, count) * inverse_temperature - p_offset;
        const Lanes log_q = load_stretch(student + place, count) * inverse_temperature - q_offset;
        const Lanes probability = exponential(log_p);
        Lanes terms = probability * (log_p - log_q);
        for (int64_t lane = count; lane < lane_count; ++lane) terms[lane] = 0;
        loss += terms;
        store_stretch(gradient + place, (exponential(log_q) - probability) * scale, count);
    });
    return static_cast<double>(weight) * sum(loss);
}

VECTORISED double divergence_row(const float *teacher, const float *student, float *gradient, int64_t width,
                                 float weight, float inverse_temperature) {
    return divergence_of(teacher, student, gradient, width, weight, inverse_temperature);
}

VECTORISED double divergence_row(const at::BFloat16 *teacher, const at::BFloat16 *student, at::BFloat16 *gradient,
                                 int64_t width, float weight, float inverse_temperature) {
    return divergence_of(teacher, student, gradient, width, weight, inverse_temperature);
}

/// Loss and gradient of logits [C, V] that has_kernel has seen.
std::pair<double, at::Tensor> by_rows(const at::Tensor &teacher, const at::Tensor &student, const at::Tensor &weights,
                                      double temperature) {
    const auto p = teacher.contiguous(), q = student.contiguous();
    const auto weight = weights.to(at::kFloat).contiguous();
    const int64_t rows = q.size(0), width = q.size(1);
    auto gradient = at::empty_like(q);
    std::vector<double> losses(rows);
    with_elements(q, [&](auto *students) {
        using Element = std::remove_reference_t<decltype(*students)>;
        const auto *teachers = static_cast<const Element *>(p.const_data_ptr());
        auto *to = static_cast<Element *>(gradient.data_ptr());
        parallel_for(0, rows, rows_a_thread(width), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                losses[row] = divergence_row(teachers + row * width, students + row * width, to + row * width, width,
                                             weight.data_ptr<float>()[row], static_cast<float>(1 / temperature));
            }
        });
    });
    double loss = 0;
    for (const double part : losses) loss += part;
    return {loss, gradient};
}

at::Tensor log_probabilities(const at::Tensor &logits, at::ScalarType wide, double temperature) {
    auto scores = logits.to(wide, /*non_blocking=*/false, /*copy=*/true);
    if (temperature != 1.0) scores.mul_(1 / temperature);
    return at::log_softmax(scores, -1);
}

/// Two distributions' logarithms, and the weights of their rows, in the type that is computed in.
struct Rows {
    at::Tensor log_p, log_q, weight;

    Rows(const at::Tensor &teacher, const at::Tensor &student, const at::Tensor &weights, double temperature) {
        const auto wide = student.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
        log_p = log_probabilities(teacher, wide, temperature);
        log_q = log_probabilities(student, wide, temperature);
        weight = weights.to(wide).unsqueeze(1);
    }
};

/// The forward divergence by libtorch's operations, for other devices and types.
std::pair<double, at::Tensor> forward(const Rows &rows) {
    const auto p = rows.log_p.exp().mul_(rows.weight);
    const double loss = at::dot(p.view(-1), (rows.log_p - rows.log_q).view(-1)).item<double>();
    return {loss, rows.log_q.exp().mul_(rows.weight).sub_(p)};
}

/// Σ q (log q − log p); d / d scaled logits = q (log q − log p − the sum).
std::pair<double, at::Tensor> reverse(const Rows &rows) {
    const auto q = rows.log_q.exp(), difference = rows.log_q - rows.log_p;
    const auto sums = (q * difference).sum(1, /*keepdim=*/true);
    return {(sums * rows.weight).sum().item<double>(), (difference - sums).mul_(q).mul_(rows.weight)};
}

/// β Σ p (log p − log m) + (1 − β) Σ q (log q − log m), m = β p + (1 − β) q (Agarwal et al., 2024, equation 1); d / d scaled
/// logits = (1 − β) q (log q − log m − the second sum), since the terms through m cancel.
std::pair<double, at::Tensor> jensen_shannon(const Rows &rows, double beta) {
    const auto log_m = at::logaddexp(rows.log_p + std::log(beta), rows.log_q + std::log(1 - beta));
    const auto q = rows.log_q.exp(), difference = rows.log_q - log_m;
    const auto of_p = (rows.log_p.exp() * (rows.log_p - log_m)).sum(1, /*keepdim=*/true);
    const auto of_q = (q * difference).sum(1, /*keepdim=*/true);
    const double loss = ((of_p * beta + of_q * (1 - beta)) * rows.weight).sum().item<double>();
    return {loss, (difference - of_q).mul_(q).mul_(rows.weight).mul_(1 - beta)};
}

}  // namespace

CTorchCode ctorch_weighted_divergence(CTorchTensorRef teacher, CTorchTensorRef student, CTorchTensorRef weights,
                                      double temperature, double beta, double *loss, CTorchTensorRef *gradient) {
    return guarded([&] {
        const auto &p = teacher->value, &q = student->value, &weight = weights->value;
        require(p.dim() == 2 && p.sizes() == q.sizes() && weight.dim() == 1 && weight.size(0) == q.size(0),
                CTORCH_SHAPE_MISMATCH, "logits ", p.sizes(), " and ", q.sizes(), " with weights ", weight.sizes());
        require(beta >= 0 && beta <= 1, CTORCH_FAILURE, "a share ", beta, " of the teacher's distribution");
        at::NoGradGuard no_grad;
        if (beta == 0 && has_kernel(q) && p.is_cpu() && p.scalar_type() == q.scalar_type()) {
            const auto [value, slope] = by_rows(p, q, weight, temperature);
            *gradient = wrap(slope);
            *loss = value;
            return;
        }
        const Rows rows(p, q, weight, temperature);
        const auto [value, slope] = beta == 0 ? forward(rows) : beta == 1 ? reverse(rows) : jensen_shannon(rows, beta);
        *gradient = wrap(slope.mul(1 / temperature).to(q.scalar_type()));
        *loss = value;
    });
}

CTorchCode ctorch_weighted_cross_entropy(CTorchTensorRef logits, CTorchTensorRef tokens, CTorchTensorRef weights,
                                         double *loss, CTorchTensorRef *gradient) {
    return guarded([&] {
        const auto &scores = logits->value, &chosen = tokens->value;
        require(scores.dim() == 2 && chosen.dim() == 1 && chosen.size(0) == scores.size(0) &&
                    weights->value.sizes() == chosen.sizes(),
                CTORCH_SHAPE_MISMATCH, "logits ", scores.sizes(), " and tokens ", chosen.sizes(), " with weights ",
                weights->value.sizes());
        at::NoGradGuard no_grad;
        const auto wide = scores.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
        auto log_q = log_probabilities(scores, wide, 1);
        const auto weight = weights->value.to(wide).unsqueeze(1), places = chosen.unsqueeze(1);
        *loss = -(log_q.gather(1, places) * weight).sum().item<double>();
        *gradient = wrap(log_q.exp_().mul_(weight).scatter_add_(1, places, weight.neg()).to(scores.scalar_type()));
    });
}
