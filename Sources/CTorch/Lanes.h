// Sixteen floats at a time, for the kernels that are ours. Written with the compiler's vector types, so that one source
// serves every instruction set; VECTORISED makes a copy of a function for each that matters, chosen at run time.
#pragma once

#include <cstring>

#include "LibtorchHeaders.h"
#include "Parallel.h"

#if defined(__x86_64__) && defined(__linux__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif
/// What a VECTORISED function calls must become part of it, or it would be compiled for the plainest processor.
#define INLINED inline __attribute__((always_inline))
/// For the same reason; stands behind a lambda's parameters.
#define INLINED_BODY __attribute__((always_inline))

// How wide vectors are passed between functions does not matter where none is passed.
#pragma clang diagnostic ignored "-Wpsabi"

namespace ctorch {

constexpr int64_t lane_count = 16;
typedef float Lanes __attribute__((vector_size(4 * lane_count)));
typedef uint32_t BitLanes __attribute__((vector_size(4 * lane_count)));
typedef uint16_t HalfBitLanes __attribute__((vector_size(2 * lane_count)));

INLINED Lanes load(const float *from) {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

INLINED Lanes load(const at::BFloat16 *from) {
    HalfBitLanes bits;
    std::memcpy(&bits, from, sizeof bits);
    const BitLanes wide = __builtin_convertvector(bits, BitLanes) << 16;
    Lanes lanes;
    std::memcpy(&lanes, &wide, sizeof lanes);
    return lanes;
}

INLINED void store(float *to, const Lanes &lanes) { std::memcpy(to, &lanes, sizeof lanes); }

/// Rounds to the nearest, halves to even; not-a-number stays one.
INLINED void store(at::BFloat16 *to, const Lanes &lanes) {
    BitLanes bits;
    std::memcpy(&bits, &lanes, sizeof bits);
    const BitLanes rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    const BitLanes result = lanes == lanes ? rounded : BitLanes{} + 0x7fc0;
    const HalfBitLanes narrow = __builtin_convertvector(result, HalfBitLanes);
    std::memcpy(to, &narrow, sizeof narrow);
}

/// The first `count` elements, then zeros.
template <typename Element>
INLINED Lanes load_some(const Element *from, int64_t count) {
    Element elements[lane_count] = {};
    std::memcpy(elements, from, count * sizeof(Element));
    return load(elements);
}

template <typename Element>
INLINED void store_some(Element *to, const Lanes &lanes, int64_t count) {
    Element elements[lane_count];
    store(elements, lanes);
    std::memcpy(to, elements, count * sizeof(Element));
}

/// Calls body(place, count) for every stretch of at most sixteen places.
template <typename Body>
INLINED void each_stretch(int64_t length, const Body &body) {
    int64_t place = 0;
    for (; place + lane_count <= length; place += lane_count) body(place, lane_count);
    if (place < length) body(place, length - place);
}

template <typename Element>
INLINED Lanes load_stretch(const Element *from, int64_t count) {
    return count == lane_count ? load(from) : load_some(from, count);
}

template <typename Element>
INLINED void store_stretch(Element *to, const Lanes &lanes, int64_t count) {
    if (count == lane_count) store(to, lanes);
    else store_some(to, lanes, count);
}

INLINED Lanes spread(float value) { return Lanes{} + value; }

/// By halves: one lane after the other would wait for each addition.
INLINED float sum(const Lanes &lanes) {
    const auto eight = __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3, 4, 5, 6, 7) +
                       __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15);
    const auto four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

INLINED float maximum(const Lanes &lanes) {
    float largest = lanes[0];
    for (int64_t lane = 1; lane < lane_count; ++lane) largest = lanes[lane] > largest ? lanes[lane] : largest;
    return largest;
}

/// e^x to some two units in the last place; below -87 it stays at e^-87, above 88 at e^88.
INLINED Lanes exponential(const Lanes &exponent) {
    const Lanes low = spread(-87.0f), high = spread(88.0f);
    Lanes x = exponent < low ? low : exponent;
    x = x > high ? high : x;
    // Adding 1.5 · 2^23 leaves the nearest integer in the low bits.
    const Lanes shift = spread(12582912.0f);
    const Lanes shifted = x * 1.44269504f + shift;
    const Lanes whole = shifted - shift;
    // ln 2 in two parts, so that the first product is exact.
    const Lanes rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    // Taylor's series: |rest| is below 0.35, so that the first term left out is below 2e-8.
    Lanes sum = spread(1.0f / 5040);
    sum = sum * rest + 1.0f / 720;
    sum = sum * rest + 1.0f / 120;
    sum = sum * rest + 1.0f / 24;
    sum = sum * rest + 1.0f / 6;
    sum = sum * rest + 0.5f;
    sum = sum * rest + 1.0f;
    sum = sum * rest + 1.0f;
    BitLanes power, bits;
    std::memcpy(&power, &shifted, sizeof power);
    std::memcpy(&bits, &sum, sizeof bits);
    bits += power << 23;
    Lanes result;
    std::memcpy(&result, &bits, sizeof result);
    // What is not a number stays so.
    return exponent == exponent ? result : exponent;
}

/// Whether these kernels can take a tensor.
inline bool has_kernel(const at::Tensor &x) {
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

/// Calls body with a pointer of the tensor's element type, which has_kernel has seen.
template <typename Body>
void with_elements(const at::Tensor &x, const Body &body) {
    if (x.scalar_type() == at::kBFloat16) body(static_cast<at::BFloat16 *>(x.data_ptr()));
    else body(static_cast<float *>(x.data_ptr()));
}

/// Rows for a thread at the least, where a row has so many elements: fewer are not worth waking it.
inline int64_t rows_a_thread(int64_t elements) { return std::max<int64_t>(1, 4096 / std::max<int64_t>(elements, 1)); }

/// Whether autograd must know of an operation on these.
template <typename... Tensors>
bool needs_gradient(const Tensors &...tensors) {
    return at::GradMode::is_enabled() && (tensors.requires_grad() || ...);
}

}  // namespace ctorch
