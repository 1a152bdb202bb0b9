// What every shim function needs: libtorch's headers, the handle's layout, and the guard that turns C++ exceptions
// into codes.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "CTorch.h"
#include "LibtorchHeaders.h"

struct CTorchTensor {
    at::Tensor value;
};

namespace ctorch {

/// A mistake that the shim itself finds, so that its kind need not be read out of libtorch's wording.
struct Refusal : std::runtime_error {
    CTorchCode code;
    Refusal(CTorchCode code, const std::string &message) : std::runtime_error(message), code(code) {}
};

template <typename... Words>
void require(bool condition, CTorchCode code, const Words &...words) {
    if (!condition) throw Refusal(code, c10::str(words...));
}

/// Refuses tensors whose element type the header has no code for.
CTorchTensorRef wrap(at::Tensor value);
at::ScalarType scalar_type(CTorchDType dtype);
CTorchDType dtype_of(at::ScalarType type);
/// Loads the CUDA half of libtorch if it is not loaded, and counts its devices; refuses where it cannot be loaded.
int32_t load_cuda();
/// Refuses devices that are not there. The first CUDA device asked for loads what computes on it.
at::Device device_of(CTorchDevice device);
at::TensorOptions options(CTorchDType dtype, CTorchDevice device);
std::vector<at::Tensor> unwrap(const CTorchTensorRef *tensors, size_t count);

/// Remembers the message of the exception in flight and returns its code. Call it only inside a catch block.
CTorchCode record_current_exception() noexcept;

template <typename Body>
CTorchCode guarded(Body &&body) noexcept {
    try {
        body();
        return CTORCH_OK;
    } catch (...) {
        return record_current_exception();
    }
}

/// For questions that have an answer even where libtorch has none.
template <typename Value, typename Body>
Value answer_or(Value fallback, Body &&body) noexcept {
    guarded([&] { fallback = body(); });
    return fallback;
}

/// Runs a body that makes one tensor.
template <typename Body>
CTorchCode produce(CTorchTensorRef *out, Body &&body) noexcept {
    return guarded([&] { *out = wrap(body()); });
}

/// Runs a body that makes two tensors; both come out or neither.
template <typename Body>
CTorchCode produce_pair(CTorchTensorRef *first, CTorchTensorRef *second, Body &&body) noexcept {
    return guarded([&] {
        auto [one, two] = body();
        std::unique_ptr<CTorchTensor, void (*)(CTorchTensorRef)> held(wrap(std::move(one)), ctorch_release);
        *second = wrap(std::move(two));
        *first = held.release();
    });
}

}  // namespace ctorch
