// Shapes, slices and look-ups.
#include "Guard.h"

using namespace ctorch;

CTorchCode ctorch_reshape(CTorchTensorRef tensor, const int64_t *shape, size_t rank, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.reshape(at::IntArrayRef(shape, rank)); });
}

CTorchCode ctorch_expand(CTorchTensorRef tensor, const int64_t *shape, size_t rank, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.expand(at::IntArrayRef(shape, rank)); });
}

CTorchCode ctorch_transpose(CTorchTensorRef tensor, int64_t dim0, int64_t dim1, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.transpose(dim0, dim1); });
}

CTorchCode ctorch_unsqueeze(CTorchTensorRef tensor, int64_t dim, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.unsqueeze(dim); });
}

CTorchCode ctorch_narrow(CTorchTensorRef tensor, int64_t dim, int64_t start, int64_t length, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.narrow(dim, start, length); });
}

CTorchCode ctorch_cat(const CTorchTensorRef *tensors, size_t count, int64_t dim, CTorchTensorRef *out) {
    return produce(out, [&] { return at::cat(unwrap(tensors, count), dim); });
}

CTorchCode ctorch_index_select(CTorchTensorRef tensor, int64_t dim, CTorchTensorRef indices, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.index_select(dim, indices->value); });
}

CTorchCode ctorch_gather(CTorchTensorRef tensor, int64_t dim, CTorchTensorRef indices, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.gather(dim, indices->value); });
}

CTorchCode ctorch_put_rows_columns(CTorchTensorRef tensor, CTorchTensorRef row_indices, CTorchTensorRef column_indices,
                                   CTorchTensorRef values) {
    return guarded([&] { tensor->value.index_put_({row_indices->value, column_indices->value}, values->value); });
}

CTorchCode ctorch_topk(CTorchTensorRef tensor, int64_t k, int64_t dim, CTorchTensorRef *values,
                       CTorchTensorRef *indices) {
    return produce_pair(values, indices, [&] { return tensor->value.topk(k, dim); });
}

CTorchCode ctorch_sort_descending(CTorchTensorRef tensor, int64_t dim, CTorchTensorRef *values,
                                  CTorchTensorRef *indices) {
    return produce_pair(values, indices, [&] { return tensor->value.sort(/*stable=*/true, dim, /*descending=*/true); });
}

CTorchCode ctorch_argmax(CTorchTensorRef tensor, int64_t dim, CTorchTensorRef *out) {
    return produce(out, [&] { return tensor->value.argmax(dim); });
}
