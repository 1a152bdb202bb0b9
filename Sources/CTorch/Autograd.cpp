// Grad mode (per thread) and reverse-mode differentiation.
#include "Guard.h"

using namespace ctorch;

bool ctorch_grad_mode_enabled(void) { return at::GradMode::is_enabled(); }

void ctorch_set_grad_mode(bool enabled) { at::GradMode::set_enabled(enabled); }

CTorchCode ctorch_set_requires_grad(CTorchTensorRef tensor, bool requires_grad) {
    return guarded([&] { tensor->value.requires_grad_(requires_grad); });
}

bool ctorch_requires_grad(CTorchTensorRef tensor) { return tensor->value.requires_grad(); }

CTorchCode ctorch_detach(CTorchTensorRef tensor, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.detach(); });
}

CTorchCode ctorch_backward(CTorchTensorRef tensor, CTorchTensorRef gradient) {
    return guarded([&] { tensor->value.backward(gradient == nullptr ? at::Tensor() : gradient->value); });
}

CTorchCode ctorch_grad(CTorchTensorRef tensor, CTorchTensorRef *out) {
    return guarded([&] {
        const at::Tensor &grad = tensor->value.grad();
        *out = grad.defined() ? wrap(grad) : nullptr;
    });
}

void ctorch_clear_grad(CTorchTensorRef tensor) {
    guarded([&] { tensor->value.mutable_grad().reset(); });
}

CTorchCode ctorch_accumulate_grad(CTorchTensorRef tensor, CTorchTensorRef gradient) {
    return guarded([&] {
        require(gradient->value.sizes() == tensor->value.sizes(), CTORCH_SHAPE_MISMATCH, "a gradient of shape ",
                gradient->value.sizes(), " for a tensor of shape ", tensor->value.sizes());
        at::NoGradGuard no_grad;
        at::Tensor &grad = tensor->value.mutable_grad();
        if (grad.defined()) {
            grad.add_(gradient->value.to(grad.options()));
        } else {
            // A copy of its own, in the tensor's layout.
            grad = at::empty_like(tensor->value).copy_(gradient->value);
        }
    });
}
