// Between packed tokens [N, heads, D] and the float32 grids that libtorch's attention on CPUs wants, rotating on the way.
#pragma once

#include "LibtorchHeaders.h"

namespace ctorch {

/// Cosines and sines of the tokens' positions, float32 [N, D / 2]; both undefined for no rotation (Su et al., 2021; the
/// halves of a head are the pairs, as in transformers).
struct Angles {
    at::Tensor cosine, sine;
};

/// Tokens x [N, heads, D] at `places` [B, L] (below zero: padding, zeros) as float32 [B, heads / group, L · group, D]: query
/// heads that share a key head stand side by side.
at::Tensor gather_heads(const at::Tensor &x, const at::Tensor &places, const Angles &angles, int64_t group);

/// The way back: adds a grid's values to float32 sums [N, heads, D]. Several rows may name a token, all in the same column.
void scatter_heads(const at::Tensor &grid, const at::Tensor &places, at::Tensor &sums, int64_t group);

/// x [N, heads, D] rotated by the tokens' angles, or back by them, in `type`.
at::Tensor rotated(const at::Tensor &x, const Angles &angles, bool back, at::ScalarType type);

/// The same by libtorch's differentiable operations, in x's type.
at::Tensor turned(const at::Tensor &x, const Angles &angles);

/// Rotates one head of D values.
void rotate_head(const float *x, float *y, const float *cosine, const float *sine, int64_t width);
void rotate_head(const at::BFloat16 *x, float *y, const float *cosine, const float *sine, int64_t width);

}  // namespace ctorch
