#include "Heads.h"

#include "Lanes.h"

namespace ctorch {

namespace {

template <typename From, typename To>
INLINED void rotate(const From *x, To *y, const float *cosine, const float *sine, int64_t width, float direction) {
    const int64_t half = width / 2;
    each_stretch(half, [&](int64_t place, int64_t count) INLINED_BODY {
        const Lanes first = load_stretch(x + place, count), second = load_stretch(x + half + place, count);
        const Lanes c = load_stretch(cosine + place, count), s = load_stretch(sine + place, count) * direction;
        store_stretch(y + place, first * c - second * s, count);
        store_stretch(y + half + place, second * c + first * s, count);
    });
}

template <typename From, typename To>
INLINED void copy(const From *x, To *y, int64_t width) {
    each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
        store_stretch(y + place, load_stretch(x + place, count), count);
    });
}

template <typename From, typename To>
INLINED void turn_tokens(const From *x, To *y, const float *cosine, const float *sine, int64_t begin, int64_t end,
                         int64_t heads, int64_t width, float direction) {
    for (int64_t token = begin; token < end; ++token) {
        const float *c = cosine + token * (width / 2), *s = sine + token * (width / 2);
        for (int64_t head = token * heads; head < (token + 1) * heads; ++head)
            rotate(x + head * width, y + head * width, c, s, width, direction);
    }
}

VECTORISED void turn(const float *x, float *y, const float *cosine, const float *sine, int64_t begin, int64_t end,
                     int64_t heads, int64_t width, float direction) {
    turn_tokens(x, y, cosine, sine, begin, end, heads, width, direction);
}
VECTORISED void turn(const float *x, at::BFloat16 *y, const float *cosine, const float *sine, int64_t begin, int64_t end,
                     int64_t heads, int64_t width, float direction) {
    turn_tokens(x, y, cosine, sine, begin, end, heads, width, direction);
}
VECTORISED void turn(const at::BFloat16 *x, float *y, const float *cosine, const float *sine, int64_t begin, int64_t end,
                     int64_t heads, int64_t width, float direction) {
    turn_tokens(x, y, cosine, sine, begin, end, heads, width, direction);
}
VECTORISED void turn(const at::BFloat16 *x, at::BFloat16 *y, const float *cosine, const float *sine, int64_t begin,
                     int64_t end, int64_t heads, int64_t width, float direction) {
    turn_tokens(x, y, cosine, sine, begin, end, heads, width, direction);
}

VECTORISED void copy_head(const float *x, float *y, int64_t width) { copy(x, y, width); }
VECTORISED void copy_head(const at::BFloat16 *x, float *y, int64_t width) { copy(x, y, width); }

/// Adds a token's heads, which lie apart in the grid, to its sums.
VECTORISED void add_heads(const float *from, int64_t head_stride, int64_t line_stride, float *sums, int64_t heads,
                          int64_t group, int64_t width) {
    for (int64_t head = 0; head < heads; ++head) {
        const float *const x = from + head / group * head_stride + head % group * line_stride;
        float *const sum = sums + head * width;
        each_stretch(width, [&](int64_t place, int64_t count) INLINED_BODY {
            store_stretch(sum + place, load_stretch(sum + place, count) + load_stretch(x + place, count), count);
        });
    }
}

}  // namespace

VECTORISED void rotate_head(const float *x, float *y, const float *cosine, const float *sine, int64_t width) {
    rotate(x, y, cosine, sine, width, 1);
}
VECTORISED void rotate_head(const at::BFloat16 *x, float *y, const float *cosine, const float *sine, int64_t width) {
    rotate(x, y, cosine, sine, width, 1);
}

at::Tensor gather_heads(const at::Tensor &x, const at::Tensor &places, const Angles &angles, int64_t group) {
    const int64_t rows = places.size(0), length = places.size(1), heads = x.size(1), width = x.size(2);
    const int64_t shared = heads / group;
    auto grid = at::empty({rows, shared, length * group, width}, x.options().dtype(at::kFloat));
    float *const to = grid.data_ptr<float>();
    const int64_t *const tokens = places.data_ptr<int64_t>();
    const bool turns = angles.cosine.defined();
    const float *const cosine = turns ? angles.cosine.data_ptr<float>() : nullptr;
    const float *const sine = turns ? angles.sine.data_ptr<float>() : nullptr;
    with_elements(x, [&](auto *from) {
        parallel_for(0, rows * length, rows_a_thread(heads * width), [&](int64_t begin, int64_t end) {
            for (int64_t place = begin; place < end; ++place) {
                const int64_t row = place / length, column = place % length, token = tokens[place];
                for (int64_t head = 0; head < heads; ++head) {
                    const int64_t line = column * group + head % group;
                    float *y = to + ((row * shared + head / group) * length * group + line) * width;
                    const auto *source = from + (token * heads + head) * width;
                    if (token < 0) std::memset(y, 0, width * sizeof(float));
                    else if (turns) {
                        const int64_t angle = token * (width / 2);
                        rotate_head(source, y, cosine + angle, sine + angle, width);
                    } else copy_head(source, y, width);
                }
            }
        });
    });
    return grid;
}

void scatter_heads(const at::Tensor &grid, const at::Tensor &places, at::Tensor &sums, int64_t group) {
    const int64_t rows = places.size(0), length = places.size(1), heads = sums.size(1), width = sums.size(2);
    const float *const from = grid.data_ptr<float>();
    const int64_t row_stride = grid.stride(0), head_stride = grid.stride(1), line_stride = grid.stride(2);
    float *const to = sums.data_ptr<float>();
    const int64_t *const tokens = places.data_ptr<int64_t>();
    // Threads share the columns: what several rows begin with stands in the same columns of all of them.
    parallel_for(0, length, rows_a_thread(rows * heads * width), [&](int64_t begin, int64_t end) {
        for (int64_t row = 0; row < rows; ++row) {
            for (int64_t column = begin; column < end; ++column) {
                const int64_t token = tokens[row * length + column];
                if (token < 0) continue;
                add_heads(from + row * row_stride + column * group * line_stride, head_stride, line_stride,
                          to + token * heads * width, heads, group, width);
            }
        }
    });
}

at::Tensor rotated(const at::Tensor &x, const Angles &angles, bool back, at::ScalarType type) {
    const int64_t heads = x.size(1), width = x.size(2);
    auto result = at::empty(x.sizes(), x.options().dtype(type));
    const float *const cosine = angles.cosine.data_ptr<float>(), *const sine = angles.sine.data_ptr<float>();
    with_elements(x, [&](auto *from) {
        with_elements(result, [&](auto *to) {
            parallel_for(0, x.size(0), rows_a_thread(heads * width), [&](int64_t begin, int64_t end) {
                turn(from, to, cosine, sine, begin, end, heads, width, back ? -1.0f : 1.0f);
            });
        });
    });
    return result;
}

at::Tensor turned(const at::Tensor &x, const Angles &angles) {
    const auto cosine = angles.cosine.to(x.scalar_type()).unsqueeze(1), sine = angles.sine.to(x.scalar_type()).unsqueeze(1);
    const auto halves = x.chunk(2, -1);
    return at::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine}, -1);
}

}  // namespace ctorch
