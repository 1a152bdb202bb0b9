// libtorch's parallel_for is a template: compiled without OpenMP, as packages are here, it is a plain loop. The OpenMP runtime
// that libtorch has brought into the process takes work all the same, through the entry that compilers call, and so its
// threads are the same that libtorch's own kernels run on.
#include "Parallel.h"

#include <dlfcn.h>

#include <algorithm>
#include <exception>
#include <mutex>

#include "LibtorchHeaders.h"

namespace ctorch {

namespace {

/// The entries of libgomp, which LLVM's runtime has too.
struct Runtime {
    void (*parallel)(void (*)(void *), void *, unsigned threads, unsigned flags);
    int (*thread)();
    int (*threads)();

    Runtime() {
        parallel = reinterpret_cast<decltype(parallel)>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
        thread = reinterpret_cast<decltype(thread)>(dlsym(RTLD_DEFAULT, "omp_get_thread_num"));
        threads = reinterpret_cast<decltype(threads)>(dlsym(RTLD_DEFAULT, "omp_get_num_threads"));
    }

    bool is_there() const { return parallel != nullptr && thread != nullptr && threads != nullptr; }

    static const Runtime &shared() {
        static const Runtime runtime;
        return runtime;
    }
};

struct Job {
    int64_t begin, end;
    LoopBody body;
    const void *context;
    std::mutex mutex;
    std::exception_ptr failure;

    /// A thread's share of the loop. No exception may leave it: the runtime is C.
    static void run(void *pointer) {
        Job &job = *static_cast<Job *>(pointer);
        const int64_t count = Runtime::shared().threads(), number = Runtime::shared().thread();
        const int64_t share = (job.end - job.begin + count - 1) / count;
        const int64_t first = job.begin + number * share, last = std::min(job.end, first + share);
        if (first >= last) return;
        try {
            job.body(job.context, first, last);
        } catch (...) {
            const std::lock_guard lock(job.mutex);
            job.failure = std::current_exception();
        }
    }
};

}  // namespace

void run_in_parallel(int64_t begin, int64_t end, int64_t grain, LoopBody body, const void *context) {
    if (begin >= end) return;
    const int64_t pieces = (end - begin + grain - 1) / grain;
    const int64_t threads = std::min<int64_t>(at::get_num_threads(), pieces);
    if (threads <= 1 || at::in_parallel_region() || !Runtime::shared().is_there()) {
        body(context, begin, end);
        return;
    }
    Job job{begin, end, body, context, {}, {}};
    Runtime::shared().parallel(&Job::run, &job, static_cast<unsigned>(threads), 0);
    if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace ctorch
