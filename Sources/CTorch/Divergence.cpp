// The distillation loss of a few positions and its gradient, in as few passes over [positions, vocabulary] as there can be.
#include "Guard.h"

using namespace ctorch;

namespace {

at::Tensor log_probabilities(const at::Tensor &logits, at::ScalarType wide, double temperature) {
    auto scores = logits.to(wide, /*non_blocking=*/false, /*copy=*/true);
    if (temperature != 1.0) scores.mul_(1 / temperature);
    return at::log_softmax(scores, -1);
}

}  // namespace

CTorchCode ctorch_weighted_divergence(CTorchTensorRef teacher, CTorchTensorRef student, CTorchTensorRef weights,
                                      double temperature, double *loss, CTorchTensorRef *gradient) {
    return guarded([&] {
        require(teacher->value.dim() == 2 && teacher->value.sizes() == student->value.sizes() &&
                    weights->value.dim() == 1 && weights->value.size(0) == student->value.size(0),
                CTORCH_SHAPE_MISMATCH, "logits ", teacher->value.sizes(), " and ", student->value.sizes(),
                " with weights ", weights->value.sizes());
        at::NoGradGuard no_grad;
        const auto type = student->value.scalar_type();
        const auto wide = type == at::kDouble ? at::kDouble : at::kFloat;
        auto log_teacher = log_probabilities(teacher->value, wide, temperature);
        auto log_student = log_probabilities(student->value, wide, temperature);
        const auto weight = weights->value.to(wide).unsqueeze(1);
        const auto p = log_teacher.exp().mul_(weight);
        *loss = at::dot(p.view(-1), log_teacher.sub_(log_student).view(-1)).item<double>();
        *gradient = wrap(log_student.exp_().mul_(weight).sub_(p).mul_(1 / temperature).to(type));
    });
}
