// The distillation loss of a few positions and its gradient, in as few passes over [positions, vocabulary] as there can be.
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

/// The same by libtorch's operations, for other devices and types.
std::pair<double, at::Tensor> by_operations(const at::Tensor &teacher, const at::Tensor &student,
                                            const at::Tensor &weights, double temperature) {
    const auto type = student.scalar_type();
    const auto wide = type == at::kDouble ? at::kDouble : at::kFloat;
    auto log_teacher = log_probabilities(teacher, wide, temperature);
    auto log_student = log_probabilities(student, wide, temperature);
    const auto weight = weights.to(wide).unsqueeze(1);
    const auto p = log_teacher.exp().mul_(weight);
    const double loss = at::dot(p.view(-1), log_teacher.sub_(log_student).view(-1)).item<double>();
    return {loss, log_student.exp_().mul_(weight).sub_(p).mul_(1 / temperature).to(type)};
}

}  // namespace

CTorchCode ctorch_weighted_divergence(CTorchTensorRef teacher, CTorchTensorRef student, CTorchTensorRef weights,
                                      double temperature, double *loss, CTorchTensorRef *gradient) {
    return guarded([&] {
        const auto &p = teacher->value, &q = student->value, &weight = weights->value;
        require(p.dim() == 2 && p.sizes() == q.sizes() && weight.dim() == 1 && weight.size(0) == q.size(0),
                CTORCH_SHAPE_MISMATCH, "logits ", p.sizes(), " and ", q.sizes(), " with weights ", weight.sizes());
        at::NoGradGuard no_grad;
        const bool is_ours = has_kernel(q) && p.is_cpu() && p.scalar_type() == q.scalar_type();
        auto [value, slope] = (is_ours ? by_rows : by_operations)(p, q, weight, temperature);
        *gradient = wrap(slope);
        *loss = value;
    });
}
