// Tensors from shapes, numbers and bytes, and back.
#include <cstring>
#include <memory>

#include "Guard.h"

using namespace ctorch;

namespace {

at::IntArrayRef sizes(const int64_t *shape, size_t rank) { return at::IntArrayRef(shape, rank); }

/// Bytes that a shape of a dtype takes; throws where the product does not fit.
size_t byte_size(const int64_t *shape, size_t rank, CTorchDType dtype) {
    size_t count = c10::elementSize(scalar_type(dtype));
    for (size_t i = 0; i < rank; ++i) {
        require(shape[i] >= 0, CTORCH_SHAPE_MISMATCH, "the shape ", sizes(shape, rank), " has a negative size");
        require(!__builtin_mul_overflow(count, static_cast<size_t>(shape[i]), &count), CTORCH_SHAPE_MISMATCH,
                "the shape ", sizes(shape, rank), " has more elements than can be counted");
    }
    return count;
}

void check_byte_count(size_t byte_count, const int64_t *shape, size_t rank, CTorchDType dtype) {
    const size_t wanted = byte_size(shape, rank, dtype);
    require(wanted == byte_count, CTORCH_SHAPE_MISMATCH, "the shape ", sizes(shape, rank), " takes ", wanted,
            " bytes, ", byte_count, " were given");
}

/// libtorch's generator looks at the lower half of a seed alone: PyTorch's small seeds stay as they are, in others the
/// upper half counts as well (Steele, Lea & Flood, 2014: the finalizer of SplitMix64).
uint64_t lower_half(uint64_t seed) {
    if (seed >> 32 == 0) return seed;
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb;
    return seed >> 32;
}

/// Whether bytes of the CPU go to a device by way of pinned memory, from where they are read while the CPU goes on. What is
/// larger is a weight, moved once; pinned memory is never given back to the system, so it is not spent on those.
bool is_staged(size_t byte_count, at::Device device) {
    constexpr size_t largest = 16 << 20;
    return device.is_cuda() && byte_count > 0 && byte_count <= largest;
}

/// To a device, in a type. Nothing here may be read by the device after the return but memory of libtorch's own allocator of
/// pinned memory, which waits for the device before it gives a block out again: the source may be borrowed, and its owner
/// free or overwrite it at once.
at::Tensor moved(const at::Tensor &tensor, at::Device device, at::ScalarType type) {
    const size_t byte_count = tensor.numel() * c10::elementSize(type);
    // A copy through other memory would not be recorded for differentiation.
    if (!tensor.is_cpu() || tensor.requires_grad() || !is_staged(byte_count, device)) return tensor.to(device, type);
    const auto pinned = at::empty(tensor.sizes(), at::TensorOptions().dtype(type).pinned_memory(true));
    return pinned.copy_(tensor).to(device, type, /*non_blocking=*/true);
}

}  // namespace

CTorchCode ctorch_empty(const int64_t *shape, size_t rank, CTorchDType dtype, CTorchDevice device,
                        CTorchTensorRef *out) {
    return produce(out, [&] { return at::empty(sizes(shape, rank), options(dtype, device)); });
}

CTorchCode ctorch_full(const int64_t *shape, size_t rank, double value, CTorchDType dtype, CTorchDevice device,
                       CTorchTensorRef *out) {
    return produce(out, [&] { return at::full(sizes(shape, rank), value, options(dtype, device)); });
}

CTorchCode ctorch_arange(int64_t start, int64_t end, CTorchDevice device, CTorchTensorRef *out) {
    return produce(out, [&] { return at::arange(start, end, options(CTORCH_INT64, device)); });
}

CTorchCode ctorch_randn(const int64_t *shape, size_t rank, uint64_t seed, CTorchDType dtype, CTorchDevice device,
                        CTorchTensorRef *out) {
    return produce(out, [&] {
        const at::Device place = device_of(device);
        // Drawn on the CPU whatever the device, so that a seed means the same numbers everywhere.
        auto generator = at::detail::createCPUGenerator(lower_half(seed));
        return moved(at::randn(sizes(shape, rank), generator, at::TensorOptions().dtype(at::kFloat)), place,
                     scalar_type(dtype));
    });
}

CTorchCode ctorch_from_bytes(const void *bytes, size_t byte_count, const int64_t *shape, size_t rank, CTorchDType dtype,
                             CTorchDevice device, CTorchTensorRef *out) {
    return produce(out, [&] {
        check_byte_count(byte_count, shape, rank, dtype);
        const at::Device place = device_of(device);
        const bool staged = is_staged(byte_count, place);
        // Copied as bytes, for they need not be aligned.
        const auto copy =
            at::empty(sizes(shape, rank), at::TensorOptions().dtype(scalar_type(dtype)).pinned_memory(staged));
        if (byte_count > 0) std::memcpy(copy.mutable_data_ptr(), bytes, byte_count);
        return copy.to(place, copy.scalar_type(), /*non_blocking=*/staged);
    });
}

CTorchCode ctorch_borrow_bytes(const void *bytes, size_t byte_count, const int64_t *shape, size_t rank,
                               CTorchDType dtype, void *owner, void (*release_owner)(void *), CTorchTensorRef *out) {
    return produce(out, [&] {
        // Whoever holds the last copy, this call or the tensor's memory, gives the owner back.
        const std::shared_ptr<void> keep(owner, release_owner);
        check_byte_count(byte_count, shape, rank, dtype);
        require(reinterpret_cast<uintptr_t>(bytes) % c10::elementSize(scalar_type(dtype)) == 0, CTORCH_FAILURE,
                "the memory is not aligned for its dtype");
        return at::from_blob(
            const_cast<void *>(bytes), sizes(shape, rank), [keep](void *) {},
            at::TensorOptions().dtype(scalar_type(dtype)));
    });
}

int64_t ctorch_rank(CTorchTensorRef tensor) { return tensor->value.dim(); }

void ctorch_shape(CTorchTensorRef tensor, int64_t *out) {
    const auto shape = tensor->value.sizes();
    std::copy(shape.begin(), shape.end(), out);
}

int64_t ctorch_count(CTorchTensorRef tensor) { return tensor->value.numel(); }

CTorchDType ctorch_dtype(CTorchTensorRef tensor) { return dtype_of(tensor->value.scalar_type()); }

CTorchDevice ctorch_device(CTorchTensorRef tensor) {
    return CTorchDevice{tensor->value.is_cpu() ? -1 : static_cast<int32_t>(tensor->value.device().index())};
}

const void *ctorch_bytes(CTorchTensorRef tensor) {
    const at::Tensor &value = tensor->value;
    return value.is_cpu() && value.is_contiguous() ? value.const_data_ptr() : nullptr;
}

CTorchCode ctorch_item(CTorchTensorRef tensor, double *out) {
    return guarded([&] { *out = tensor->value.item().toDouble(); });
}

CTorchCode ctorch_to(CTorchTensorRef tensor, CTorchDType dtype, CTorchDevice device, CTorchTensorRef *out) {
    return produce(out, [&] { return moved(tensor->value, device_of(device), scalar_type(dtype)); });
}

CTorchCode ctorch_clone(CTorchTensorRef tensor, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.clone(); });
}

CTorchCode ctorch_contiguous(CTorchTensorRef tensor, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.contiguous(); });
}
