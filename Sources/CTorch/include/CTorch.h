// A plain C view of the part of libtorch that Instill uses. It knows tensors, not language models.
//
// Conventions:
// - A CTorchTensorRef owns one reference to an at::Tensor; give it back with ctorch_release.
// - Every function that can fail returns a CTorchCode; the message of the last failure on this thread is in
//   ctorch_last_error. Results come through the last parameter, which is left alone on failure.
// - No C++ exception ever leaves a function of this header.
// - Dimensions may be negative and then count from the end, as in PyTorch.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

typedef struct CTorchTensor *CTorchTensorRef;
/// Where a function puts the tensor it makes.
typedef CTorchTensorRef _Nullable *_Nonnull CTorchTensorOut;
typedef const CTorchTensorRef _Nonnull *_Nonnull CTorchTensorList;

typedef enum CTorchCode : int32_t {
    CTORCH_OK = 0,
    CTORCH_SHAPE_MISMATCH = 1,
    CTORCH_DTYPE_MISMATCH = 2,
    CTORCH_OUT_OF_MEMORY = 3,
    CTORCH_DEVICE_UNAVAILABLE = 4,
    CTORCH_FAILURE = 5,
} CTorchCode;

typedef enum CTorchDType : int32_t {
    CTORCH_FLOAT32 = 0,
    CTORCH_FLOAT64 = 1,
    CTORCH_BFLOAT16 = 2,
    CTORCH_FLOAT16 = 3,
    CTORCH_INT64 = 4,
    CTORCH_INT32 = 5,
    CTORCH_BOOL = 6,
    CTORCH_UINT8 = 7,
} CTorchDType;

/// cuda_index is -1 for the CPU, else the number of the CUDA device.
typedef struct CTorchDevice {
    int32_t cuda_index;
} CTorchDevice;

// MARK: Library (Library.cpp)

const char *ctorch_last_error(void);
const char *ctorch_version(void);
/// Name of the widest vector instruction set that libtorch's CPU kernels use here, e.g. "AVX512".
const char *ctorch_cpu_capability(void);
/// Whether the CPU multiplies bfloat16 matrices in hardware.
bool ctorch_cpu_has_bf16_matmul(void);
int32_t ctorch_get_num_threads(void);
CTorchCode ctorch_set_num_threads(int32_t threads);
/// Has what large tensors leave free kept for the next ones (TensorMemory.cpp). Call it before the first tensor.
void ctorch_keep_freed_memory(void);
/// Tensors handed out and not yet released, in the whole process.
int64_t ctorch_live_tensors(void);

// MARK: CUDA (CUDA.cpp)

/// Loads libtorch_cuda.so from beside libtorch_cpu.so, once. Whatever takes a CUDA device does so by itself.
CTorchCode ctorch_load_cuda(void);
/// Refuses a device that cannot be used. Call it before the first tensor of the process: libtorch looks for CUDA once.
CTorchCode ctorch_prepare(CTorchDevice device);
/// Devices that the NVIDIA driver shows; fails where there is no driver. Needs no part of libtorch that knows CUDA.
CTorchCode ctorch_driver_device_count(int32_t *out);
/// Name, bytes of memory, and ten times the compute capability, of a device that the driver shows.
CTorchCode ctorch_driver_device(int32_t index, char *name, size_t capacity, int64_t *memory, int32_t *capability);
/// Waits until all work queued on the device is done; does nothing on the CPU.
CTorchCode ctorch_synchronize(CTorchDevice device);
/// The most bytes that tensors have taken on a CUDA device at one time.
CTorchCode ctorch_peak_memory(CTorchDevice device, int64_t *out);

// MARK: Making and reading tensors (Creation.cpp)

void ctorch_release(CTorchTensorRef tensor);
CTorchCode ctorch_empty(const int64_t *shape, size_t rank, CTorchDType dtype, CTorchDevice device, CTorchTensorOut out);
CTorchCode ctorch_full(const int64_t *shape, size_t rank, double value, CTorchDType dtype, CTorchDevice device,
                       CTorchTensorOut out);
CTorchCode ctorch_arange(int64_t start, int64_t end, CTorchDevice device, CTorchTensorOut out);
/// Standard normal numbers from a generator seeded for this call alone; for seeds below 2^32 PyTorch's numbers.
CTorchCode ctorch_randn(const int64_t *shape, size_t rank, uint64_t seed, CTorchDType dtype, CTorchDevice device,
                        CTorchTensorOut out);
CTorchCode ctorch_from_bytes(const void *bytes, size_t byte_count, const int64_t *shape, size_t rank, CTorchDType dtype,
                             CTorchDevice device, CTorchTensorOut out);
/// A CPU tensor over memory that someone else owns, aligned for the dtype. release_owner(owner) is called once: when
/// the last view is gone, or when the call fails.
CTorchCode ctorch_borrow_bytes(const void *bytes, size_t byte_count, const int64_t *shape, size_t rank,
                               CTorchDType dtype, void *owner, void (*_Nonnull release_owner)(void *),
                               CTorchTensorOut out);
int64_t ctorch_rank(CTorchTensorRef tensor);
void ctorch_shape(CTorchTensorRef tensor, int64_t *out);
int64_t ctorch_count(CTorchTensorRef tensor);
CTorchDType ctorch_dtype(CTorchTensorRef tensor);
CTorchDevice ctorch_device(CTorchTensorRef tensor);
/// The first element of a contiguous CPU tensor; NULL where the tensor is not one, or has no elements.
const void *_Nullable ctorch_bytes(CTorchTensorRef tensor);
CTorchCode ctorch_item(CTorchTensorRef tensor, double *out);
CTorchCode ctorch_to(CTorchTensorRef tensor, CTorchDType dtype, CTorchDevice device, CTorchTensorOut out);
CTorchCode ctorch_clone(CTorchTensorRef tensor, CTorchTensorOut out);
CTorchCode ctorch_contiguous(CTorchTensorRef tensor, CTorchTensorOut out);

// MARK: Shapes and indexing (Indexing.cpp)

CTorchCode ctorch_reshape(CTorchTensorRef tensor, const int64_t *shape, size_t rank, CTorchTensorOut out);
CTorchCode ctorch_expand(CTorchTensorRef tensor, const int64_t *shape, size_t rank, CTorchTensorOut out);
CTorchCode ctorch_transpose(CTorchTensorRef tensor, int64_t dim0, int64_t dim1, CTorchTensorOut out);
CTorchCode ctorch_unsqueeze(CTorchTensorRef tensor, int64_t dim, CTorchTensorOut out);
CTorchCode ctorch_narrow(CTorchTensorRef tensor, int64_t dim, int64_t start, int64_t length, CTorchTensorOut out);
CTorchCode ctorch_cat(CTorchTensorList tensors, size_t count, int64_t dim, CTorchTensorOut out);
CTorchCode ctorch_index_select(CTorchTensorRef tensor, int64_t dim, CTorchTensorRef indices, CTorchTensorOut out);
CTorchCode ctorch_gather(CTorchTensorRef tensor, int64_t dim, CTorchTensorRef indices, CTorchTensorOut out);
/// tensor[row_indices[i], column_indices[i]] = values[i], in place.
CTorchCode ctorch_put_rows_columns(CTorchTensorRef tensor, CTorchTensorRef row_indices, CTorchTensorRef column_indices,
                                   CTorchTensorRef values);
CTorchCode ctorch_topk(CTorchTensorRef tensor, int64_t k, int64_t dim, CTorchTensorOut values, CTorchTensorOut indices);
CTorchCode ctorch_sort_descending(CTorchTensorRef tensor, int64_t dim, CTorchTensorOut values, CTorchTensorOut indices);
CTorchCode ctorch_argmax(CTorchTensorRef tensor, int64_t dim, CTorchTensorOut out);

// MARK: Arithmetic (Arithmetic.cpp)

CTorchCode ctorch_add(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorOut out);
CTorchCode ctorch_sub(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorOut out);
CTorchCode ctorch_mul(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorOut out);
CTorchCode ctorch_div(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorOut out);
CTorchCode ctorch_add_scalar(CTorchTensorRef a, double b, CTorchTensorOut out);
CTorchCode ctorch_mul_scalar(CTorchTensorRef a, double b, CTorchTensorOut out);
/// a += alpha * b, in place.
CTorchCode ctorch_add_in_place(CTorchTensorRef a, CTorchTensorRef b, double alpha);
CTorchCode ctorch_mul_scalar_in_place(CTorchTensorRef a, double b);
CTorchCode ctorch_copy_in_place(CTorchTensorRef a, CTorchTensorRef source);
CTorchCode ctorch_exp(CTorchTensorRef a, CTorchTensorOut out);
CTorchCode ctorch_neg(CTorchTensorRef a, CTorchTensorOut out);
CTorchCode ctorch_cos(CTorchTensorRef a, CTorchTensorOut out);
CTorchCode ctorch_sin(CTorchTensorRef a, CTorchTensorOut out);
CTorchCode ctorch_is_finite_all(CTorchTensorRef a, bool *out);
CTorchCode ctorch_less(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorOut out);
CTorchCode ctorch_masked_fill(CTorchTensorRef a, CTorchTensorRef mask, double value, CTorchTensorOut out);
CTorchCode ctorch_sum(CTorchTensorRef a, int64_t dim, bool keep_dim, CTorchTensorOut out);
CTorchCode ctorch_sum_all(CTorchTensorRef a, CTorchTensorOut out);
CTorchCode ctorch_amax(CTorchTensorRef a, int64_t dim, bool keep_dim, CTorchTensorOut out);
CTorchCode ctorch_cumsum(CTorchTensorRef a, int64_t dim, CTorchTensorOut out);
CTorchCode ctorch_matmul(CTorchTensorRef a, CTorchTensorRef b, CTorchTensorOut out);

// MARK: Layers (Layers.cpp)

CTorchCode ctorch_linear(CTorchTensorRef x, CTorchTensorRef weight, CTorchTensorRef _Nullable bias,
                         CTorchTensorOut out);
CTorchCode ctorch_embedding(CTorchTensorRef weight, CTorchTensorRef ids, CTorchTensorOut out);
CTorchCode ctorch_rms_norm(CTorchTensorRef x, CTorchTensorRef weight, double epsilon, CTorchTensorOut out);
/// (x − mean) / sqrt(variance + epsilon) · weight + bias over the last dimension.
CTorchCode ctorch_layer_norm(CTorchTensorRef x, CTorchTensorRef weight, CTorchTensorRef bias, double epsilon,
                             CTorchTensorOut out);
CTorchCode ctorch_silu(CTorchTensorRef x, CTorchTensorOut out);
/// The exact one, with the error function.
CTorchCode ctorch_gelu(CTorchTensorRef x, CTorchTensorOut out);
CTorchCode ctorch_softmax(CTorchTensorRef x, int64_t dim, CTorchTensorOut out);
CTorchCode ctorch_log_softmax(CTorchTensorRef x, int64_t dim, CTorchTensorOut out);
/// Attention of q [B, H, L, D] over k, v [B, K, S, D] with H a multiple of K; mask, if any, is added to or (bool) kept.
CTorchCode ctorch_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef _Nullable mask,
                            bool causal, double scale, CTorchTensorOut out);
/// Attention of q [B, H, L, D] over k, v [B, H, S, D], and the logarithm of each query's softmax denominator, float32
/// [B, H, L]; mask, if any, is added to the scores. Not differentiable.
CTorchCode ctorch_attention_part(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v,
                                 CTorchTensorRef _Nullable mask, double scale, CTorchTensorOut out,
                                 CTorchTensorOut log_sum);
/// Attention over two sets of keys [..., D] from the attention over each and its log_sum [...].
CTorchCode ctorch_merge_attention(CTorchTensorRef first, CTorchTensorRef first_log_sum, CTorchTensorRef second,
                                  CTorchTensorRef second_log_sum, CTorchTensorOut out);

/// silu(gate) · up, or GELU's approximation by tanh in silu's place (GatedActivation.cpp).
CTorchCode ctorch_gated_activation(CTorchTensorRef gate, CTorchTensorRef up, bool is_gelu, CTorchTensorOut out);

/// A linear map x weightᵀ + bias + scale (x aᵀ) bᵀ of x [N, I], weight [O, I], a [R, I], b [O, R]; a and b may be of a wider
/// type than x, or both missing.
typedef struct CTorchLinearMap {
    CTorchTensorRef weight;
    CTorchTensorRef _Nullable bias, a, b;
} CTorchLinearMap;
/// What several maps make of one input, in `outs`; a residual [N, O] is added to the output of one map. Weights and biases
/// get no gradient (LowRank.cpp).
CTorchCode ctorch_linear_maps(CTorchTensorRef x, CTorchTensorRef _Nullable residual, const CTorchLinearMap *maps,
                              size_t count, double scale, CTorchTensorOut outs);

/// x [N, heads, D] with each head's halves rotated by angles [N, D / 2] (PackedAttention.cpp).
CTorchCode ctorch_rotate(CTorchTensorRef x, CTorchTensorRef cosine, CTorchTensorRef sine, CTorchTensorOut out);
/// Some packed tokens' attention: places of the queries [B, L] and of the keys [B, S] among the packed tokens, below zero
/// for padding, which comes last; a float32 mask [L, S] that is added to the scores, or none where query i sees the keys up
/// to the i-th.
typedef struct CTorchAttentionPart {
    CTorchTensorRef queries, keys;
    CTorchTensorRef _Nullable mask;
} CTorchAttentionPart;
/// Rotation and attention of packed tokens q [N, H, D] over k, v [N, K, D], to [N, H, D]. A token is a query of one
/// part, or of none and gets zeros.
CTorchCode ctorch_packed_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef cosine,
                                   CTorchTensorRef sine, const CTorchAttentionPart *parts, size_t part_count,
                                   double scale, CTorchTensorOut out);
/// Places of all queries [Q] and keys [S] of some sequences among packed tokens, int64, one sequence after the other, and where
/// each begins and the last ends, int32 [count + 1].
typedef struct CTorchSequences {
    CTorchTensorRef queries, keys, query_ends, key_ends;
} CTorchSequences;
/// Rotation and attention as in ctorch_packed_attention, for other devices than CPUs: without padding, by CUDA's fused kernel
/// where the type has 16 bits (SequenceAttention.cpp). The last query of a sequence sees all of its keys, the one before it all
/// but the last, and so on; of those the last `window`, if above zero.
CTorchCode ctorch_sequence_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef cosine,
                                     CTorchTensorRef sine, CTorchSequences sequences, const int64_t *query_counts,
                                     const int64_t *key_counts, size_t count, int64_t window, double scale,
                                     CTorchTensorOut out);
/// What so many neighbouring rows begin with: keys and values [1, K, P, D], or none.
typedef struct CTorchSharedPrefix {
    CTorchTensorRef _Nullable keys, values;
    int64_t rows;
} CTorchSharedPrefix;
/// One new token in each row: rotates q [B, H, D] and k [B, K, D], puts k and v into the rows' own keys and values
/// [B, S, K, D] at `places` [B], and attends to those up to there (the last `window` of them, if above zero) and to the
/// prefixes, whose rows add up to B. CPU alone; the cache is float32. Not differentiable (DecodeAttention.cpp).
CTorchCode ctorch_decode_attention(CTorchTensorRef q, CTorchTensorRef k, CTorchTensorRef v, CTorchTensorRef cosine,
                                   CTorchTensorRef sine, CTorchTensorRef keys, CTorchTensorRef values,
                                   const int64_t *places, int64_t window, const CTorchSharedPrefix *prefixes,
                                   size_t prefix_count, double scale, CTorchTensorOut out);

/// Σ weight · divergence of p and q = softmax(teacher / T), softmax(student / T) of logits [C, V] with weights [C], and its
/// derivative by the student's logits (Divergence.cpp). The divergence is the forward one, Σ p (log p − log q), for β = 0, the
/// reverse one, Σ q (log q − log p), for β = 1, and the generalised Jensen–Shannon divergence between.
CTorchCode ctorch_weighted_divergence(CTorchTensorRef teacher, CTorchTensorRef student, CTorchTensorRef weights,
                                      double temperature, double beta, double *loss, CTorchTensorOut gradient);
/// −Σ weight · log softmax(logits)[token] for logits [C, V], tokens [C] and weights [C], and its derivative by the logits.
CTorchCode ctorch_weighted_cross_entropy(CTorchTensorRef logits, CTorchTensorRef tokens, CTorchTensorRef weights,
                                         double *loss, CTorchTensorOut gradient);

// MARK: Gradients (Autograd.cpp)

bool ctorch_grad_mode_enabled(void);
void ctorch_set_grad_mode(bool enabled);
CTorchCode ctorch_set_requires_grad(CTorchTensorRef tensor, bool requires_grad);
bool ctorch_requires_grad(CTorchTensorRef tensor);
CTorchCode ctorch_detach(CTorchTensorRef tensor, CTorchTensorOut out);
/// Without a gradient the tensor must have one element.
CTorchCode ctorch_backward(CTorchTensorRef tensor, CTorchTensorRef _Nullable gradient);
/// Sets out to NULL where no gradient has been accumulated.
CTorchCode ctorch_grad(CTorchTensorRef tensor, CTorchTensorOut out);
void ctorch_clear_grad(CTorchTensorRef tensor);
CTorchCode ctorch_accumulate_grad(CTorchTensorRef tensor, CTorchTensorRef gradient);

// MARK: Optimizer (Optimizer.cpp)

/// Euclidean norm over all elements of all tensors.
CTorchCode ctorch_total_norm(CTorchTensorList tensors, size_t count, double *out);
/// The numbers of an AdamW step (decoupled weight decay): the one-based number of the step, and what the gradients are
/// multiplied by before anything else.
typedef struct CTorchAdamW {
    int64_t step;
    double learning_rate, beta1, beta2, weight_decay, epsilon, gradient_factor;
} CTorchAdamW;
/// One AdamW step over all parameters, in place. Moments have their parameter's shape, dtype and device; gradients and copies
/// its shape and device and any dtype; all but gradients are contiguous. Copies are set to the new parameters. Where anything
/// does not fit, nothing has changed.
CTorchCode ctorch_adamw_step(CTorchTensorList parameters, CTorchTensorList gradients, CTorchTensorList first_moments,
                             CTorchTensorList second_moments, CTorchTensorList copies, size_t count,
                             const CTorchAdamW *adamw);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
