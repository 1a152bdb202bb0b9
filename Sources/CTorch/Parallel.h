// Spreads loops over libtorch's own threads.
#pragma once

#include <cstdint>

namespace ctorch {

/// A piece of a loop, from begin to end.
typedef void (*LoopBody)(const void *context, int64_t begin, int64_t end);

/// Runs pieces of begin..<end, none smaller than `grain` but the last, on as many threads as libtorch uses. What a body throws
/// is thrown here.
void run_in_parallel(int64_t begin, int64_t end, int64_t grain, LoopBody body, const void *context);

template <typename Body>
void parallel_for(int64_t begin, int64_t end, int64_t grain, const Body &body) {
    const LoopBody call = [](const void *context, int64_t first, int64_t last) {
        (*static_cast<const Body *>(context))(first, last);
    };
    run_in_parallel(begin, end, grain, call, &body);
}

}  // namespace ctorch
