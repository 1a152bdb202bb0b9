// Turns C++ exceptions into codes and messages, and libtorch's types into the header's.
#include "Guard.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <new>
#include <string_view>

namespace {

std::atomic<int64_t> live_tensors{0};
thread_local std::string last_error;

bool contains_any(std::string_view text, std::initializer_list<std::string_view> phrases) {
    return std::any_of(phrases.begin(), phrases.end(),
                       [&](std::string_view phrase) { return text.find(phrase) != std::string_view::npos; });
}

/// libtorch throws one exception type for most mistakes; its wording tells them apart. The tests hold every phrase
/// here against the version of libtorch that is linked.
CTorchCode classify(std::string_view message) {
    if (contains_any(message, {"can't allocate memory", "Storage size calculation overflowed"})) {
        return CTORCH_OUT_OF_MEMORY;
    }
    if (contains_any(message, {"dtype", "scalar type", "not implemented for '", "bool tensor", "does not support bool",
                               "can't be cast to", "cannot be converted to type", "Expected a floating point"})) {
        return CTORCH_DTYPE_MISMATCH;
    }
    if (contains_any(message, {"shape", "size", "dim", "out of range", "multiplication overflow", "at least 1D",
                               "must be 2-D", "supposed to be a vector", "length must be non-negative",
                               "converted to Scalar", "scalar outputs"})) {
        return CTORCH_SHAPE_MISMATCH;
    }
    return CTORCH_FAILURE;
}

CTorchCode record(CTorchCode code, const char *message) noexcept {
    try {
        last_error = message;
    } catch (...) {
        last_error.clear();
    }
    return code;
}

}  // namespace

namespace ctorch {

CTorchTensorRef wrap(at::Tensor value) {
    dtype_of(value.scalar_type());
    auto *handle = new CTorchTensor{std::move(value)};
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return handle;
}

at::ScalarType scalar_type(CTorchDType dtype) {
    switch (dtype) {
        case CTORCH_FLOAT32: return at::kFloat;
        case CTORCH_FLOAT64: return at::kDouble;
        case CTORCH_BFLOAT16: return at::kBFloat16;
        case CTORCH_FLOAT16: return at::kHalf;
        case CTORCH_INT64: return at::kLong;
        case CTORCH_INT32: return at::kInt;
        case CTORCH_BOOL: return at::kBool;
        case CTORCH_UINT8: return at::kByte;
    }
    throw Refusal(CTORCH_DTYPE_MISMATCH, c10::str("no dtype has the code ", static_cast<int>(dtype)));
}

CTorchDType dtype_of(at::ScalarType type) {
    switch (type) {
        case at::kFloat: return CTORCH_FLOAT32;
        case at::kDouble: return CTORCH_FLOAT64;
        case at::kBFloat16: return CTORCH_BFLOAT16;
        case at::kHalf: return CTORCH_FLOAT16;
        case at::kLong: return CTORCH_INT64;
        case at::kInt: return CTORCH_INT32;
        case at::kBool: return CTORCH_BOOL;
        case at::kByte: return CTORCH_UINT8;
        default: throw Refusal(CTORCH_DTYPE_MISMATCH, c10::str("the dtype ", type, " is not one of ours"));
    }
}

at::Device device_of(CTorchDevice device) {
    if (device.cuda_index == -1) return at::Device(at::kCPU);
    const int32_t count = load_cuda();
    require(device.cuda_index >= 0 && device.cuda_index < count, CTORCH_DEVICE_UNAVAILABLE, "cuda:", device.cuda_index,
            " was asked for and libtorch finds ", count, " CUDA devices; `instill doctor` says what there is");
    return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.cuda_index));
}

at::TensorOptions options(CTorchDType dtype, CTorchDevice device) {
    return at::TensorOptions().dtype(scalar_type(dtype)).device(device_of(device));
}

std::vector<at::Tensor> unwrap(const CTorchTensorRef *tensors, size_t count) {
    std::vector<at::Tensor> values;
    values.reserve(count);
    std::transform(tensors, tensors + count, std::back_inserter(values),
                   [](CTorchTensorRef tensor) { return tensor->value; });
    return values;
}

CTorchCode record_current_exception() noexcept {
    try {
        throw;
    } catch (const Refusal &error) {
        return record(error.code, error.what());
    } catch (const c10::OutOfMemoryError &error) {
        return record(CTORCH_OUT_OF_MEMORY, error.what_without_backtrace());
    } catch (const c10::Error &error) {
        return record(classify(error.what_without_backtrace()), error.what_without_backtrace());
    } catch (const std::bad_alloc &) {
        return record(CTORCH_OUT_OF_MEMORY, "no memory left");
    } catch (const std::exception &error) {
        return record(classify(error.what()), error.what());
    } catch (...) {
        return record(CTORCH_FAILURE, "an exception of unknown type");
    }
}

}  // namespace ctorch

extern "C" const char *ctorch_last_error(void) { return last_error.c_str(); }

extern "C" int64_t ctorch_live_tensors(void) { return live_tensors.load(std::memory_order_relaxed); }

extern "C" void ctorch_release(CTorchTensorRef tensor) {
    delete tensor;
    live_tensors.fetch_sub(1, std::memory_order_relaxed);
}
